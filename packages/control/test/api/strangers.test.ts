import assert from 'node:assert/strict';
import { it } from 'node:test';
import { problemOfFastify } from '../../src/api/fastify.ts';
import { openApi } from './api-for-tests.ts';

it('a client that goes away while it sends is no fault of ours', () => {
  // What the incoming message of node:http is destroyed with, as Fastify passes it on.
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
  assert.equal(problemOfFastify(aborted)?.status, 400);
  const ours = Object.assign(new Error('a database hung up'), { code: 'ECONNRESET' });
  assert.equal(problemOfFastify(ours), null);
});

it('who has not said who they are can make us keep little', async () => {
  await using api = await openApi();
  const body = { token: 'x'.repeat(5_000) };
  const refused = await api.ask('POST', '/v1/session', { as: '', body });
  assert.equal(refused.json.code, 'BODY_TOO_LARGE');
});
