import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi, type TestApi } from './api-for-tests.ts';

const service = { endpoints: ['http://10.0.0.1'] };

interface Versioned {
  readonly path: string;
  readonly etag: string;
}

async function made(api: TestApi, method: string, path: string, body: object): Promise<Versioned> {
  const { status, json, headers } = await api.ask(method, path, { body });
  assert.equal(status, 201);
  const { id } = json as { id?: string };
  return { path: id === undefined ? path : `${path}/${id}`, etag: String(headers.get('etag')) };
}

const MAKERS: Readonly<Record<string, (api: TestApi) => Promise<Versioned>>> = {
  workspace: (api) => made(api, 'PUT', '/v1/workspaces/team', { description: 'first' }),
  key: async (api) => {
    await api.ask('PUT', '/v1/consumers/acme', { body: {} });
    return made(api, 'POST', '/v1/consumers/acme/keys', { label: 'first' });
  },
  token: (api) => made(api, 'POST', '/v1/tokens', { name: 'ci', role: 'viewer' }),
};

const CHANGES: readonly [what: string, method: string, body: object][] = [
  ['workspace', 'PUT', { description: 'second' }],
  ['key', 'PATCH', { label: 'second' }],
];

describe('the version of what is not part of a revision', () => {
  it('keeps a key as somebody else has just changed it, who was faster than its rotation', async () => {
    await using api = await openApi();
    const { path, etag } = (await MAKERS['key']?.(api)) ?? assert.fail();
    const { keys } = api.ports.store;
    const { create } = keys;
    keys.create = async (key) => {
      assert.equal((await api.ask('PATCH', path, { body: { label: 'second' } })).status, 200);
      return create(key);
    };
    const { status, json } = await api.ask('POST', `${path}/rotate`, { headers: { 'if-match': etag } });
    assert.deepEqual([status, json.code, json.key], [412, 'PRECONDITION_FAILED', undefined]);
    const { items } = (await api.ask('GET', '/v1/consumers/acme/keys')).json;
    const good = items.filter((one: { revokedAt: number | null }) => one.revokedAt === null);
    assert.deepEqual(
      good.map(({ label, expiresAt }: { label: string; expiresAt: number | null }) => [label, expiresAt]),
      [['second', null]],
    );
  });

  for (const [what, make] of Object.entries(MAKERS))
    it(`is told when a ${what} is made and read, and saves a reader the rest`, async () => {
      await using api = await openApi();
      const { path, etag } = await make(api);
      const read = await api.ask('GET', path);
      assert.deepEqual([read.status, read.headers.get('etag')], [200, etag]);
      const again = await api.ask('GET', path, { headers: { 'if-none-match': etag } });
      assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', etag]);
    });

  for (const [what, method, body] of CHANGES)
    it(`keeps editors of a ${what} from overwriting each other`, async () => {
      await using api = await openApi();
      const { path, etag } = (await MAKERS[what]?.(api)) ?? assert.fail();
      const both = await Promise.all(
        ['one', 'two'].map((text) =>
          api.ask(method, path, {
            body: Object.fromEntries(Object.keys(body).map((name) => [name, text])),
            headers: { 'if-match': etag },
          }),
        ),
      );
      assert.deepEqual(
        both.map(({ status }) => status).sort((a, b) => a - b),
        [200, 412],
      );
      const lost = both.find(({ status }) => status === 412);
      const won = both.find(({ status }) => status === 200);
      assert.equal(lost?.json.code, 'PRECONDITION_FAILED');
      assert.equal(lost?.headers.get('etag'), won?.headers.get('etag'));
      assert.notEqual(won?.headers.get('etag'), etag);
      const known = { body, headers: { 'if-match': String(won?.headers.get('etag')) } };
      assert.equal((await api.ask(method, path, known)).status, 200);
    });

  for (const [what, make] of Object.entries(MAKERS))
    it(`protects a ${what} from being removed by who has not seen what it is`, async () => {
      await using api = await openApi();
      const { path, etag } = await make(api);
      const refused = await api.ask('DELETE', path, { headers: { 'if-match': '"other"' } });
      assert.deepEqual([refused.status, refused.headers.get('etag')], [412, etag]);
      const gone = await api.ask('DELETE', path, { headers: { 'if-match': etag } });
      assert.ok(gone.status < 300, gone.text);
    });

  it('is there for the default workspace before anybody has written it', async () => {
    await using api = await openApi();
    const { headers } = await api.ask('GET', '/v1/workspaces/default');
    const ask = { body: { description: 'ours' }, headers: { 'if-match': String(headers.get('etag')) } };
    assert.equal((await api.ask('PUT', '/v1/workspaces/default', ask)).status, 201);
    assert.equal((await api.ask('PUT', '/v1/workspaces/default', ask)).status, 412);
  });

  it('makes a workspace only if there is none, and rotates a key only once', async () => {
    await using api = await openApi();
    const fresh = { body: {}, headers: { 'if-none-match': '*' } };
    assert.equal((await api.ask('PUT', '/v1/workspaces/team', fresh)).status, 201);
    assert.equal((await api.ask('PUT', '/v1/workspaces/team', fresh)).status, 412);
    assert.equal((await api.ask('PUT', '/v1/services/a', { body: service })).status, 201);
    const { path, etag } = (await MAKERS['key']?.(api)) ?? assert.fail();
    const rotation = { body: {}, headers: { 'if-match': etag } };
    assert.equal((await api.ask('POST', `${path}/rotate`, rotation)).status, 201);
    assert.equal((await api.ask('POST', `${path}/rotate`, rotation)).status, 412);
  });
});
