// A loader remembers what it has made of parts: nothing of that may outlive what it was made of.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryFiles } from '../test/fixtures.ts';
import { createLoader, type Entry } from './load.ts';

const LISTS = 'lists: { bad: { addresses: [192.0.2.1] } }\n';
const ROUTES: readonly Entry[] = ['a', 'b'].map((name) => ({
  file: `database:default/routes.${name}`,
  section: 'routes',
  name,
  value: {
    match: { path: `/${name}` },
    respond: { body: name },
    policies: { ipAccess: { deny: ['@bad'] } },
  },
}));

/** A gateway with a file that may change, and two routes beside it that do not. */
function gateway() {
  const texts = { '/gateway.yaml': '' };
  const load = createLoader({ env: {}, files: memoryFiles(texts) });
  return (text: string) => {
    texts['/gateway.yaml'] = `listeners: { web: { address: "127.0.0.1:0" } }\n${text}`;
    return load(['/gateway.yaml'], ROUTES);
  };
}

describe('a configuration that is loaded again', () => {
  it('has the same routes for as long as nothing of them has changed', async () => {
    const load = gateway();
    const [first, second] = [await load(LISTS), await load(`${LISTS}admin: { address: "127.0.0.1:1" }\n`)];
    assert.ok(first.config !== null, JSON.stringify(first.issues));
    assert.equal(second.config?.routes[0], first.config.routes[0]);
    assert.equal(second.config?.routes[1], first.config.routes[1]);
  });

  it('has other routes when the defaults are others', async () => {
    const load = gateway();
    const timeouts: unknown[] = [];
    for (const defaults of ['{ timeout: 1s }', '{ timeout: 2s }', '{}', '{ timeout: 1s }']) {
      const { config } = await load(`${LISTS}defaults: { policies: ${defaults} }\n`);
      timeouts.push(config?.routes.map(({ policies }) => policies.timeoutMs));
    }
    assert.deepEqual(timeouts, [
      [1000, 1000],
      [2000, 2000],
      [null, null],
      [1000, 1000],
    ]);
  });

  it('has faults when what policies lean on has gone, and none when it is back', async () => {
    const load = gateway();
    const codes: string[][] = [];
    for (const lists of [LISTS, '', '', LISTS])
      codes.push((await load(lists)).issues.map(({ code }) => code));
    const lost = ['UNKNOWN_NAME', 'UNKNOWN_NAME'];
    assert.deepEqual(codes, [[], lost, lost, []]);
  });
});
