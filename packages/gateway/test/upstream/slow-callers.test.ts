// One caller must not make a service look sick to all others, however slowly it sends and however little it waits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, eventually, reply, stall } from '@turnpike/testkit';
import { codeOf, get } from '../wire/fixture.ts';
import { cluster, retry } from './cluster.ts';

const UPLOAD = 'PUT / HTTP/1.1\r\nHost: gateway.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
const OK = answer(reply('ok'));

describe('a caller that sends its body slowly', () => {
  it('is not bounded by the time of one attempt, since there is no other for it', async (t) => {
    const { client, arrivals } = await cluster(t, {
      step: (talk) => (talk.method === 'PUT' ? OK(talk) : stall(talk)),
      policies: retry({ perTryMs: 20, attempts: 2 }),
    });
    const slow = await client();
    await slow.send(UPLOAD);
    await eventually(() => arrivals.length === 1, 'the upload');
    // The time of attempts that begin later is over before.
    const quick = await (await client()).ask(get());
    assert.equal(codeOf(quick), 'UPSTREAM_TIMEOUT');
    await slow.send('0\r\n\r\n');
    assert.equal((await slow.response()).status, 200);
  });
});

describe('a caller that waits for a moment only', () => {
  it('puts no endpoint out', async (t) => {
    const { client, arrivals, upstreams } = await cluster(t, {
      step: stall,
      service: { outlierDetection: { consecutiveFailures: 2 } },
    });
    const connections = await Promise.all(Array.from({ length: 6 }, client));
    const replies = await Promise.all(connections.map((each) => each.ask(get('/', 'grpc-timeout: 1100m'))));
    assert.deepEqual(new Set(replies.map(codeOf)), new Set(['DEADLINE_EXCEEDED']));
    for (const upstream of upstreams) upstream.script(OK);
    const heard = arrivals.length;
    for (const each of connections) assert.equal((await each.ask(get())).status, 200);
    const endpoints = upstreams.map(({ requests }) => requests.length);
    assert.deepEqual([heard, ...endpoints], [6, 6, 6]);
  });
});
