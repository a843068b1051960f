// What people and programs send by mistake.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import { openApi, type TestApi } from './api-for-tests.ts';

describe('an odd request', () => {
  let api: TestApi;
  before(async () => (api = await openApi()));
  after(() => api[Symbol.asyncDispose]());
  const service = { endpoints: ['http://10.0.0.1'] };

  it('with a packed body is told that nobody unpacks it', async () => {
    for (const body of [gzipSync(JSON.stringify(service)), JSON.stringify(service)]) {
      const headers = { 'content-encoding': 'gzip' };
      const answer = await api.ask('PUT', '/v1/services/packed', { body, headers });
      assert.deepEqual([answer.status, answer.json.code], [415, 'UNSUPPORTED_TYPE']);
      assert.equal(answer.json.detail, 'send application/json, not compressed');
    }
    const headers = { 'content-encoding': 'identity' };
    assert.equal((await api.ask('PUT', '/v1/services/plain', { body: service, headers })).status, 201);
  });

  it('with an unknown parameter is told which', async () => {
    const { json } = await api.ask('GET', '/v1/services?dryrun=true');
    assert.deepEqual(json.errors, [{ message: 'dryrun: is not known here', pointer: 'query/dryrun' }]);
  });

  it('with text of another form is shown one that is right', async () => {
    await api.ask('PUT', '/v1/consumers/c', { body: {} });
    const { json } = await api.ask('POST', '/v1/consumers/c/keys', { body: { expiresIn: '1y' } });
    assert.deepEqual(json.errors, [{ message: 'must be like 90d', pointer: '/expiresIn' }]);
    const missing = await api.ask('GET', '/v1/consumers/c/keys/tp_1');
    assert.deepEqual(missing.json.errors, [{ message: 'id: must be like tp_Ab3dE6gH', pointer: 'path/id' }]);
  });

  it('to explain what no request can be is told what is wrong', async () => {
    for (const [body, pointer] of [
      [{ url: 'http://a/', headers: { 'a b': 'c' } }, '/headers'],
      [{ url: 'http://a/', method: 'G ET' }, '/method'],
      [{ url: 'http://[' }, '/url'],
    ] as const) {
      const { status, json } = await api.ask('POST', '/v1/explain', { body });
      assert.equal(status, 422);
      assert.equal(json.errors[0].pointer, pointer);
    }
  });
});
