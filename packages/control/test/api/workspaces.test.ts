// What who may see or change one workspace only must not get at in another.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi, type TestApi } from './api-for-tests.ts';

const route = (path: string) => ({ match: { path }, respond: { body: path } });
const team = { as: 'editor@team' };
const other = { as: 'editor@other' };

async function openTwo(): Promise<TestApi> {
  const api = await openApi();
  for (const name of ['team', 'other']) await api.ask('PUT', `/v1/workspaces/${name}`, { body: {} });
  return api;
}

/** A name that was one workspace's and is another's. */
async function handedOn(): Promise<TestApi> {
  const api = await openTwo();
  await api.ask('PUT', '/v1/routes/a?workspace=team', { ...team, body: route('/of-team') });
  await api.ask('DELETE', '/v1/routes/a', team);
  return api;
}

describe('who is in another workspace', () => {
  it('is not shown what a name was there, in its history', async () => {
    await using api = await handedOn();
    const before = await api.ask('GET', '/v1/routes/a/history?workspace=other', other);
    assert.deepEqual(before.json.items, []);
    await api.ask('PUT', '/v1/routes/a?workspace=other', { ...other, body: route('/of-other') });
    const after = await api.ask('GET', '/v1/routes/a/history', other);
    assert.deepEqual(
      after.json.items.map(({ revision }: { revision: number }) => revision),
      [3],
    );
    const all = await api.ask('GET', '/v1/routes/a/history');
    assert.equal(all.json.items.length, 3);
  });

  it('is not shown it in comparisons and revisions', async () => {
    await using api = await handedOn();
    await api.ask('PUT', '/v1/routes/a?workspace=other', { ...other, body: route('/of-other') });
    const diff = await api.ask('GET', '/v1/revisions/1/diff?to=3', other);
    assert.equal(diff.json.changes[0].action, 'added');
    assert.doesNotMatch(diff.text, /of-team/);
    const back = await api.ask('POST', '/v1/revisions/1/rollback', { as: 'admin' });
    assert.equal(back.json.revision, 4);
    const revision = await api.ask('GET', '/v1/revisions/4', other);
    assert.equal(revision.json.changes[0].action, 'removed');
    assert.doesNotMatch(revision.text, /of-team/);
  });

  it('are told where they need a role', async () => {
    await using api = await openTwo();
    const { json } = await api.ask('POST', '/v1/apply', { ...team, body: {} });
    assert.equal(json.detail, 'it needs the role editor in the workspace default');
    const tokens = await api.ask('GET', '/v1/tokens', team);
    assert.equal(tokens.json.detail, 'it needs the role admin in all workspaces');
  });

  it('cannot remove what a file stands before', async () => {
    await using api = await openTwo();
    const document = route('/pinned-too');
    const base = { author: 'a', address: '', origin: 'api', message: '', base: 0, risks: [] } as const;
    const change = { kind: 'routes', name: 'pinned', workspace: 'team', before: null, after: document };
    await api.store.revisions.commit({ ...base, changes: [change as never] });
    const refused = await api.ask('DELETE', '/v1/routes/pinned', { as: 'editor@default' });
    assert.equal(refused.json.code, 'FORBIDDEN_ROLE');
    // Not which, which is not theirs to know.
    assert.equal(refused.json.detail, 'it needs the role editor in its workspace');
    assert.equal((await api.ask('DELETE', '/v1/routes/pinned')).status, 200);
  });

  it('cannot have the keys of a consumer that is gone', async () => {
    await using api = await openTwo();
    await api.ask('PUT', '/v1/consumers/acme?workspace=team', { ...team, body: {} });
    await api.ask('POST', '/v1/consumers/acme/keys', { ...team, body: {} });
    await api.ask('DELETE', '/v1/consumers/acme', team);
    const taken = await api.ask('PUT', '/v1/consumers/acme?workspace=other', { ...other, body: {} });
    assert.deepEqual([taken.json.code, taken.json.workspace], ['OTHER_WORKSPACE', 'team']);
    const again = await api.ask('PUT', '/v1/consumers/acme?workspace=team', { ...team, body: {} });
    assert.equal(again.status, 201);
  });
});
