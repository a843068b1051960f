import assert from 'node:assert/strict';
import { it } from 'node:test';
import { problemOfFastify } from '../../src/api/fastify.ts';

it('a client that goes away while it sends is no fault of ours', () => {
  // What the incoming message of node:http is destroyed with, as Fastify passes it on.
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
  assert.equal(problemOfFastify(aborted)?.status, 400);
  const ours = Object.assign(new Error('a database hung up'), { code: 'ECONNRESET' });
  assert.equal(problemOfFastify(ours), null);
});
