import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts, memoryFiles } from '../../test/fixtures.ts';
import { createLoader, type Files, type Loaded } from '../load.ts';

const GATEWAY = `
services: { s: { endpoints: [http://localhost:9001] } }
routes:
  r:
    match: { path: /a }
    service: s
    policies:
      validate: { openapi: schemas/api.yaml }
`;

const API = `
openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /a:
    get:
      parameters:
        - { name: q, in: query, schema: { $ref: 'parts/common.yaml#/Q' } }
      responses: { '200': { description: ok } }
`;

const COMMON = 'Q: { type: integer }\n';

const FILES = { '/g.yaml': GATEWAY, '/schemas/api.yaml': API, '/schemas/parts/common.yaml': COMMON };

function load(files: Readonly<Record<string, string>>): Promise<Loaded> {
  return loadTexts(files, {}, ['/g.yaml']);
}

/** File, line, column and code of everything that was found. */
function places({ issues }: Loaded): string[] {
  return issues.map(
    ({ file, line, column, severity, code }) => `${file}:${line}:${column} ${severity} ${code}`,
  );
}

describe('the documents of a configuration', () => {
  it('are in it as JSON, with those that they refer to', async () => {
    const { config, issues, files } = await load(FILES);
    assert.deepEqual(issues, []);
    assert.deepEqual(Object.keys(config?.documents ?? {}), [
      '/schemas/api.yaml',
      '/schemas/parts/common.yaml',
    ]);
    assert.deepEqual(JSON.parse(config?.documents['/schemas/parts/common.yaml'] ?? ''), {
      Q: { type: 'integer' },
    });
    assert.deepEqual(files, ['/g.yaml', '/schemas/api.yaml', '/schemas/parts/common.yaml']);
  });

  it('are told to be missing where they are named, and watched for', async () => {
    const { config, ...loaded } = await load({ '/g.yaml': GATEWAY });
    assert.equal(config, null);
    assert.deepEqual(places({ config, ...loaded }), ['/g.yaml:8:28 error UNREADABLE']);
    assert.equal(loaded.issues[0]?.pointer, '/routes/r/policies/validate/openapi');
    assert.ok(loaded.files.includes('/schemas/api.yaml'));
  });

  it('are told to be wrong where they are', async () => {
    const broken = API.replace('description: ok', 'descriptoin: ok');
    const loaded = await load({ ...FILES, '/schemas/api.yaml': broken });
    assert.deepEqual(places(loaded), ['/schemas/api.yaml:9:29 error BAD_VALUE']);
    assert.equal(loaded.config, null);
    assert.equal(loaded.issues[0]?.pointer, '/routes/r/policies/validate/openapi');
  });

  it('are told to be malformed where they are', async () => {
    assert.deepEqual(places(await load({ ...FILES, '/schemas/api.yaml': 'a: [1' })), [
      '/schemas/api.yaml:1:4 error SYNTAX',
    ]);
    assert.deepEqual(places(await load({ ...FILES, '/schemas/parts/common.yaml': '' })), [
      '/schemas/parts/common.yaml:1:1 error SYNTAX',
    ]);
  });

  it('may have what is not checked, which is a warning', async () => {
    const loaded = await load({ ...FILES, '/schemas/parts/common.yaml': 'Q:\n  format: iban\n' });
    assert.deepEqual(places(loaded), ['/schemas/parts/common.yaml:2:3 warning NO_EFFECT']);
    assert.notEqual(loaded.config, null);
  });

  it('refer to nothing that is not there', async () => {
    const { '/schemas/parts/common.yaml': _common, ...others } = FILES;
    const loaded = await load(others);
    assert.deepEqual(places(loaded), ['/schemas/api.yaml:8:33 error BAD_VALUE']);
    assert.ok(loaded.files.includes('/schemas/parts/common.yaml'));
    const cut = await load({ ...FILES, '/schemas/parts/common.yaml': 'P: {}' });
    assert.deepEqual(places(cut), ['/schemas/api.yaml:8:33 error BAD_VALUE']);
  });

  it('never come from the network', async () => {
    const api = API.replace('parts/common.yaml#/Q', 'https://example.com/a#/Q');
    const loaded = await load({ ...FILES, '/schemas/api.yaml': api });
    assert.match(loaded.issues[0]?.message ?? '', /nothing is fetched/);
  });

  it('may be JSON, and schemas of bodies', async () => {
    const gateway = GATEWAY.replace('openapi: schemas/api.yaml', 'body: user.json');
    const good = await loadTexts({ '/g.yaml': gateway, '/user.json': '{"type":"object"}' }, {}, ['/g.yaml']);
    assert.deepEqual(good.issues, []);
    const bad = await loadTexts({ '/g.yaml': gateway, '/user.json': '{\n "type": "objec"}' }, {}, [
      '/g.yaml',
    ]);
    assert.deepEqual(places(bad), ['/user.json:2:2 error BAD_VALUE']);
  });

  it('are told of once, however often they are named', async () => {
    const twice = `${GATEWAY}  r2: { match: { path: /b }, service: s, policies: { validate: { openapi: schemas/api.yaml } } }\n`;
    const loaded = await load({
      ...FILES,
      '/g.yaml': twice,
      '/schemas/api.yaml': API.replace('3.1.0', '2.0'),
    });
    assert.deepEqual(places(loaded), ['/schemas/api.yaml:2:1 error BAD_VALUE']);
  });

  it('are read again when they have changed, and parsed only then', async () => {
    const texts: Record<string, string> = { ...FILES };
    const memory = memoryFiles(texts);
    const read: string[] = [];
    const files: Files = { ...memory, read: (path) => (read.push(path), memory.read(path)) };
    const loader = createLoader({ env: {}, files });
    const first = await loader(['/g.yaml']);
    texts['/schemas/parts/common.yaml'] = 'Q: { type: boolean }\n';
    const second = await loader(['/g.yaml']);
    assert.notEqual(
      first.config?.documents['/schemas/parts/common.yaml'],
      second.config?.documents['/schemas/parts/common.yaml'],
    );
    texts['/schemas/parts/common.yaml'] = 'Q: { type: boolen }\n';
    assert.equal((await loader(['/g.yaml'])).config, null);
    texts['/schemas/parts/common.yaml'] = COMMON;
    assert.notEqual((await loader(['/g.yaml'])).config, null);
    assert.equal(read.filter((path) => path === '/schemas/api.yaml').length, 4);
  });
});
