// docs/cache.md walks through examples/cache; this does what it says, in its order.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Ended, launchFor, root, startTurnpike, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/cache.md'), 'utf8');

interface Example {
  readonly web: string;
  readonly admin: string;
  /** Runs `turnpike cache` with the admin API of the example. */
  cache(...args: readonly string[]): Promise<Ended>;
}

/** Starts what the guide starts, on ports that are free, from a copy of the example. */
async function startExample(context: TestContext): Promise<Example> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-cache-example-'));
  cpSync(join(root, 'examples/cache'), directory, { recursive: true });
  const service = launchFor(context, [join(directory, 'service.mjs')], { env: { SHOP_PORT: '0' } });
  const [, shop = ''] = await service.says(/listening on (\d+)\n/);
  const gateway = startTurnpike(context, ['start', join(directory, 'gateway.yaml')], {
    env: { SHOP_PORT: shop, PORT: '0', ADMIN_PORT: '0' },
  });
  context.after(async () => {
    for (const { child } of [service, gateway]) child.kill('SIGKILL'); // first: they write to the directory
    await Promise.all([service.ended, gateway.ended]);
    rmSync(directory, { recursive: true });
  });
  const [, web = '', admin = ''] = await gateway.says(/"ports":\{"web":(\d+)\},"admin":(\d+)/);
  const env = { TURNPIKE_ADMIN: `127.0.0.1:${admin}`, TURNPIKE_TOKEN: '' };
  return { web, admin, cache: (...args) => turnpike(['cache', ...args], { env }) };
}

/** What `curl` would print; the guide uses -s, -X, -d and -w with the field that it shows. */
async function curl(line: string): Promise<string> {
  const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain = '']) => quoted ?? plain);
  const after = (option: string): string | undefined => words[words.indexOf(option) + 1 || -1];
  const url = new URL(words.find((word) => word.startsWith('http:')) ?? assert.fail(line));
  const body = after('-d') ?? '';
  const method = after('-X') ?? 'GET';
  const { host, port, pathname, search } = url;
  const outgoing = request({ host: '127.0.0.1', port, path: pathname + search, method, headers: { host } });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const field = /%header\{([a-z-]+)\}/.exec(after('-w') ?? '')?.[1];
  return field === undefined ? text : `${text}\n${String(response.headers[field])}\n`;
}

/** What the guide shows; `…` stands for a number. */
function looksLike(output: string): RegExp {
  const parts = output
    .trim()
    .split('…')
    .map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('\\d+')}$`);
}

describe('the guide to caching', () => {
  it('shows what the example does', async (context) => {
    const { web, admin, cache } = await startExample(context);
    const here = (text: string) => text.replaceAll(':8080', `:${web}`).replaceAll(':9901', `:${admin}`);
    const lines = Array.from(guide.matchAll(/^\$ (.*)\n((?:(?!\$ |```).*\n)*)/gm));
    for (const [, line = '', output = ''] of lines) {
      const [program, ...words] = here(line).split(' ');
      const text = program === 'curl' ? await curl(here(line)) : (await cache(...words.slice(2))).out;
      assert.match(text.trim(), looksLike(here(output)), line);
    }
    assert.equal(lines.length, 10);
  });
});

describe('turnpike cache', () => {
  it('shows what is stored, and what became of requests', async (context) => {
    const { web, cache } = await startExample(context);
    const url = `http://localhost:${web}`;
    for (const path of ['/products/1', '/products/1', '/products/2', '/account']) await curl(url + path);

    const list = await cache('list', '--tag', 'products');
    assert.match(list.out, /^WHAT +STATE +AGE +FRESH FOR +HITS +SIZE +ADDRESS +VARIANT\n/);
    for (const id of [1, 2])
      assert.match(list.out, new RegExp(`^200 +fresh +\\d+s +\\S.*B +${url}/products/${id}$`, 'm'));
    assert.doesNotMatch(list.out, /account/);
    const less = await cache('list', '--limit', '1', '--json');
    assert.equal(JSON.parse(less.out).entries.length, 1);
    assert.match(less.err, /There is more/);

    const got = await cache('get', `${url}/products/1`, '--json');
    const [entry] = JSON.parse(got.out).entries;
    assert.deepEqual(
      [entry.address, entry.status, entry.state, entry.hits],
      [`${url}/products/1`, 200, 'fresh', 1],
    );
    assert.match((await cache('get', `${url}/account`)).out, /^pass +fresh /m);
    const none = await cache('get', `${url}/products/9`);
    assert.deepEqual([none.code, none.err], [1, `error: nothing is stored for ${url}/products/9\n`]);

    const stats = await cache('stats');
    assert.match(stats.out, /^\(shared\) +\S+ \S+ of \S+ MiB +3 .* products, account$/m);
    assert.match(stats.out, /^products +33\.3% +1 +0 +0 +0 +2 +0 +22 B$/m);
    assert.match(stats.out, /^account +0\.0% +0 +0 +0 +0 +1 +0 +0 B$/m);
    assert.equal(JSON.parse((await cache('stats', '--json')).out).routes[0].results.hit, 1);
    const purged = await cache('purge', '--all', '--json');
    assert.deepEqual(JSON.parse(purged.out), { kind: 'hard', by: 'all', value: 'all', memories: ['*'] });
    assert.equal((await cache('list')).out, 'nothing is stored\n');
  });

  it('says what it cannot do, and how that is with exit codes', async (context) => {
    const { cache } = await startExample(context);
    for (const [args, code, expected] of [
      [['flush'], 2, /no action "flush"; there are stats, list, get, purge/],
      [['purge', '/a'], 2, /address must be like https:/],
      [['purge', '--route', 'none'], 1, /no route "none" keeps responses; these do: products, account/],
      [['stats', '--admin', '127.0.0.1:1'], 1, /cannot be reached at http:\/\/127\.0\.0\.1:1: /],
    ] as const) {
      const ended = await cache(...args);
      assert.deepEqual([ended.code, ended.out], [code, ''], args.join(' '));
      assert.match(ended.err, expected);
    }
  });
});
