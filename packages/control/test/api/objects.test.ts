import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi } from './api-for-tests.ts';

const service = { endpoints: ['http://10.0.0.7:8080'] };
const route = { match: { path: '/users/*' }, service: 'users' };

describe('objects over the admin API', () => {
  it('are made, shown, changed and removed', async () => {
    await using api = await openApi();
    const made = await api.ask('PUT', '/v1/services/users', { body: service });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.get('etag'), '"1"');
    assert.equal(made.json.revision, 1);
    assert.deepEqual(made.json.changes[0].action, 'added');

    const again = await api.ask('PUT', '/v1/services/users', { body: service });
    assert.equal(again.status, 200);
    assert.equal(again.json.revision, null);
    assert.equal(again.headers.get('etag'), '"1"');

    const shown = await api.ask('GET', '/v1/services/users');
    assert.equal(shown.status, 200);
    assert.deepEqual(shown.json.document, service);
    assert.equal(shown.json.updatedBy, 'admin');

    const known = await api.ask('GET', '/v1/services/users', { headers: { 'if-none-match': '"1"' } });
    assert.equal(known.status, 304);
    assert.equal(known.text, '');

    const changed = await api.ask('PUT', '/v1/services/users', {
      body: { endpoints: ['http://10.0.0.8:8080'] },
    });
    assert.equal(changed.status, 200);
    assert.equal(changed.json.revision, 2);

    const removed = await api.ask('DELETE', '/v1/services/users');
    assert.equal(removed.status, 200, removed.text);
    assert.equal(removed.json.changes[0].action, 'removed');
    assert.equal((await api.ask('GET', '/v1/services/users')).status, 404);

    const history = await api.ask('GET', '/v1/services/users/history');
    assert.deepEqual(
      history.json.items.map((one: { revision: number }) => one.revision),
      [3, 2, 1],
    );
    assert.deepEqual(api.complaints, []);
  });

  it('are checked together with the files, and told what is wrong with a pointer', async () => {
    await using api = await openApi();
    const refused = await api.ask('PUT', '/v1/routes/users', { body: route });
    assert.equal(refused.status, 422);
    assert.equal(refused.json.code, 'CONFIG_REJECTED');
    assert.equal(refused.json.errors[0].code, 'UNKNOWN_NAME');
    assert.equal(refused.json.errors[0].pointer, '/routes/users/service');
    assert.equal(await api.store.revisions.head(), 0);
  });
});
