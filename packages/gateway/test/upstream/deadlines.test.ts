import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, inTurn, reply, reset, stall, type Talk } from '@turnpike/testkit';
import { codeOf, get, request } from '../wire/fixture.ts';
import { cluster, retry } from './cluster.ts';

const OK = answer(reply('ok'));
const GRPC = 'Content-Type: application/grpc';
const HEADER = { deadlineHeader: 'x-request-deadline' };

/** What an endpoint was told in a field of milliseconds. */
function told(talk: Talk | undefined, name: string): number {
  const text = talk === undefined ? undefined : fieldOf(talk, name);
  return Number(/^(\d{1,8})m?$/.exec(text ?? '')?.[1] ?? Number.NaN);
}

describe('the time that a caller has', () => {
  it('ends the exchange and goes on to the service as grpc-timeout', async (t) => {
    const { client, arrivals, upstreams, plane } = await cluster(t, { step: stall });
    const response = await (await client()).ask(request('POST /', [GRPC, 'grpc-timeout: 1S'], 'x'));
    assert.equal(fieldOf(response, 'grpc-status'), '4');
    const leftMs = told(arrivals[0]?.talk, 'grpc-timeout');
    assert.ok(leftMs > 0 && leftMs < 1000, String(leftMs));
    assert.match(fieldOf(arrivals[0]?.talk ?? { fields: [] }, 'grpc-timeout') ?? '', /m$/);
    for (const upstream of upstreams) await upstream.whenIdle();
    assert.equal(plane.inflight(), 0);
  });

  it('ends the exchange and goes on as Connect-Timeout-Ms', async (t) => {
    const { client, arrivals } = await cluster(t, { step: stall });
    const response = await (await client()).ask(get('/', 'Connect-Timeout-Ms: 1000'));
    assert.equal(codeOf(response), 'DEADLINE_EXCEEDED');
    assert.match(response.body.toString(), /"detail":"The time for the whole exchange was over"/);
    const leftMs = told(arrivals[0]?.talk, 'connect-timeout-ms');
    assert.ok(leftMs > 0 && leftMs < 1000, String(leftMs));
  });

  it('ends the exchange and goes on in the header that the route names', async (t) => {
    const { client, arrivals } = await cluster(t, { step: stall, policies: HEADER });
    const response = await (await client()).ask(get('/', 'X-Request-Deadline: 1000'));
    assert.equal(codeOf(response), 'DEADLINE_EXCEEDED');
    const leftMs = told(arrivals[0]?.talk, 'x-request-deadline');
    assert.ok(leftMs > 0 && leftMs < 1000, String(leftMs));
    assert.equal(arrivals[0]?.talk.fields.filter(([name]) => /^x-request-deadline$/i.test(name)).length, 1);
  });

  it('is never longer than that of the route', async (t) => {
    const { client, arrivals } = await cluster(t, { step: OK, policies: { ...HEADER, timeoutMs: 5000 } });
    const connection = await client();
    const fields = ['grpc-timeout: 99H', 'Connect-Timeout-Ms: 9999999999', 'X-Request-Deadline: 60000'];
    await connection.ask(get('/', ...fields));
    for (const name of ['grpc-timeout', 'connect-timeout-ms', 'x-request-deadline']) {
      assert.ok(told(arrivals[0]?.talk, name) < 5000, name);
    }
  });

  it('is told to the service in the header of the route also when only the route has one', async (t) => {
    const { client, arrivals } = await cluster(t, { step: OK, policies: { ...HEADER, timeoutMs: 5000 } });
    await (await client()).ask(get());
    const [{ talk } = {}] = arrivals;
    assert.ok(told(talk, 'x-request-deadline') < 5000);
    assert.equal(fieldOf(talk ?? { fields: [] }, 'grpc-timeout'), undefined);
  });

  it('is less for the next attempt', async (t) => {
    const { client, arrivals } = await cluster(t, { step: inTurn(reset, OK), policies: retry() });
    assert.equal((await (await client()).ask(get('/', 'grpc-timeout: 9S'))).status, 200);
    const [first, second] = arrivals.map(({ talk }) => told(talk, 'grpc-timeout'));
    assert.ok(Number(second) < Number(first), `${first} ${second}`);
  });

  for (const text of ['', '5', 'S', '5s', '-5S', '123456789m', '1.5S', '5 S', '5S, 6S']) {
    it(`is not told by ${JSON.stringify(text)}, which does not go on`, async (t) => {
      const { client, arrivals } = await cluster(t, { step: OK });
      assert.equal((await (await client()).ask(get('/', `grpc-timeout: ${text}`))).status, 200);
      assert.equal(fieldOf(arrivals[0]?.talk ?? { fields: [] }, 'grpc-timeout'), undefined);
    });
  }

  it('may be over at once: then nobody is asked', async (t) => {
    const { client, arrivals } = await cluster(t, { step: OK, policies: HEADER });
    const connection = await client();
    for (const field of [
      'grpc-timeout: 0m',
      'grpc-timeout: 1n',
      'Connect-Timeout-Ms: 0',
      'X-Request-Deadline: 0',
    ]) {
      const response = await connection.ask(get('/', field));
      assert.deepEqual([response.status, codeOf(response)], [504, 'DEADLINE_EXCEEDED'], field);
    }
    assert.equal(arrivals.length, 0);
  });
});
