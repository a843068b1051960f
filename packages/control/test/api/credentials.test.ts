import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWellFormed } from '../../src/domain/credential.ts';
import { openApi, type TestApi } from './api-for-tests.ts';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

async function withConsumer(): Promise<TestApi> {
  const api = await openApi({ ports: { clock: { epoch: () => NOW } } });
  const { status, text } = await api.ask('PUT', '/v1/consumers/acme', {
    body: { metadata: { tier: 'gold' } },
  });
  assert.equal(status, 201, text);
  return api;
}

const KEYS = '/v1/consumers/acme/keys';

describe('keys of a consumer', () => {
  it('are shown once, and kept as a digest', async () => {
    await using api = await withConsumer();
    const made = await api.ask('POST', KEYS, { body: { label: 'production', expiresIn: '90d' } });
    assert.equal(made.status, 201);
    const { id, key, expiresAt, ...rest } = made.json;
    assert.ok(isWellFormed(key) && key.startsWith(`${id}_`));
    assert.equal(expiresAt, NOW + 90 * DAY_MS);
    assert.equal(rest.createdBy, 'admin');
    assert.equal(rest.digest, undefined);
    for (const path of [KEYS, `${KEYS}/${id}`, '/v1/audit']) {
      const { text } = await api.ask('GET', path);
      assert.ok(!text.includes(key), path);
    }
    assert.ok(!JSON.stringify(await api.store.keys.find(id)).includes(key));
    assert.equal(await api.store.revisions.head(), 1, 'they are no part of revisions');
  });

  it('of a consumer in a file are made too', async () => {
    await using api = await withConsumer();
    assert.equal((await api.ask('POST', '/v1/consumers/pinned/keys')).status, 201);
  });

  it('overlap when they are rotated, and the old one never lives longer than it was to', async () => {
    await using api = await withConsumer();
    const old = (await api.ask('POST', KEYS, { body: { label: 'a', expiresIn: '30d' } })).json;
    const next = await api.ask('POST', `${KEYS}/${old.id}/rotate`, { body: { overlap: '2h' } });
    assert.equal(next.status, 201);
    assert.notEqual(next.json.key, old.key);
    assert.equal(next.json.label, 'a');
    assert.equal(next.json.expiresAt, NOW + 30 * DAY_MS);
    assert.equal((await api.store.keys.find(old.id))?.expiresAt, NOW + 2 * 3_600_000);
    await api.ask('POST', `${KEYS}/${next.json.id}/rotate`, { body: { overlap: '3000d' } });
    assert.equal((await api.store.keys.find(next.json.id))?.expiresAt, NOW + 30 * DAY_MS);
  });

  it('last a day longer when nothing is said of the overlap', async () => {
    await using api = await withConsumer();
    const old = (await api.ask('POST', KEYS)).json;
    await api.ask('POST', `${KEYS}/${old.id}/rotate`);
    assert.equal((await api.store.keys.find(old.id))?.expiresAt, NOW + DAY_MS);
  });

  it('are revoked for good', async () => {
    await using api = await withConsumer();
    const { id } = (await api.ask('POST', KEYS)).json;
    const revoked = await api.ask('DELETE', `${KEYS}/${id}`);
    assert.equal(revoked.json.revokedAt, NOW);
    assert.equal((await api.ask('DELETE', `${KEYS}/${id}`)).json.revokedAt, NOW, 'twice is once');
    assert.equal((await api.ask('PATCH', `${KEYS}/${id}`, { body: { expiresAt: null } })).json.code, 'ENDED');
    assert.equal((await api.ask('POST', `${KEYS}/${id}/rotate`)).json.code, 'ENDED');
    const { json } = await api.ask('GET', '/v1/audit?action=key.revoke');
    assert.equal(json.items.length, 1);
    assert.equal(json.items[0].target, 'consumers.acme');
  });

  it('are those of their consumer only', async () => {
    await using api = await withConsumer();
    const { id } = (await api.ask('POST', KEYS)).json;
    assert.equal((await api.ask('GET', `/v1/consumers/pinned/keys/${id}`)).status, 404);
    assert.equal((await api.ask('DELETE', `/v1/consumers/pinned/keys/${id}`)).status, 404);
  });

  for (const [what, body, pointer] of [
    ['in the past', { expiresAt: NOW }, '/expiresAt'],
    ['in two ways', { expiresIn: '1d', expiresAt: NOW + 1 }, '/expiresIn'],
    ['in a hundred years', { expiresIn: '36500d' }, '/expiresIn'],
    ['in no unit', { expiresIn: '90' }, '/expiresIn'],
  ] as const) {
    it(`cannot end ${what}`, async () => {
      await using api = await withConsumer();
      const { status, json } = await api.ask('POST', KEYS, { body });
      assert.equal(status, 422);
      assert.equal(json.errors[0].pointer, pointer);
    });
  }
});

describe('tokens of the admin API', () => {
  it('are shown once, listed without, and removed', async () => {
    await using api = await openApi();
    const made = await api.ask('POST', '/v1/tokens', {
      body: { name: 'ci', workspaces: { team: 'editor' } },
    });
    assert.equal(made.status, 201);
    assert.ok(isWellFormed(made.json.token) && made.json.token.startsWith('tpa_'));
    const listed = await api.ask('GET', '/v1/tokens');
    assert.deepEqual(listed.json.items[0].workspaces, { team: 'editor' });
    assert.ok(!listed.text.includes(made.json.token));
    assert.equal((await api.ask('DELETE', `/v1/tokens/${made.json.id}`)).status, 204);
    assert.equal((await api.ask('GET', '/v1/tokens')).json.items.length, 0);
  });

  for (const [what, body] of [
    ['without a role anywhere', { name: 'ci' }],
    ['without a name', { name: ' ', role: 'viewer' }],
    ['with a role that there is not', { name: 'ci', role: 'root' }],
    ['with a role in a workspace that there cannot be', { name: 'ci', workspaces: { team: 'root' } }],
  ] as const) {
    it(`are not made ${what}`, async () => {
      await using api = await openApi();
      assert.equal((await api.ask('POST', '/v1/tokens', { body })).json.code, 'INVALID');
    });
  }
});
