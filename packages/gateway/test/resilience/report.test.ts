import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { answer, byPath, chunkedReply, early, reply, reset, type Step } from '@turnpike/testkit';
import { chunks, get, request } from '../wire/fixture.ts';
import { saysIts, twoServices } from './fixture.ts';

const down = reply('down', ['Retry-After: 0'], '503 Service Unavailable');
/** Long enough that a hedge would have come, on any machine. */
const slow: Step = async (talk) => {
  await talk.whole();
  await new Promise((resolve) => setTimeout(resolve, 60));
  await talk.write(reply('slow'));
};

const STEPS = byPath({
  '/fine': answer(reply('fine', ['X-Its: own'])),
  '/chunked': answer(chunkedReply(['a', 'bc'], ['X-Sum: 3'])),
  '/down': answer(down),
  '/early': early(down),
  '/reset': reset,
  '/slow': slow,
});

const CHUNKED = 'Transfer-Encoding: chunked';

const REQUESTS = [
  get('/fine'),
  get('/chunked', 'X-Gateway-Attempt: 1', 'X-Turnpike-Mirror: 1'),
  get('/down'),
  get('/reset'),
  get('/slow'),
  request('HEAD /down'),
  request('PUT /fine', [], 'x'.repeat(40_000)),
  request('PUT /down', [], 'x'.repeat(40_000)),
  request('POST /reset', [], 'hello'),
  request('POST /fine', [CHUNKED]) + chunks(['one', 'two'], ['X-Trailer: t']),
  request('PUT /early', [CHUNKED]) + chunks(['one', 'two']),
];

/** All that both sides see of these requests, but for what never is the same twice. */
async function seenOf(t: TestContext, policies: object): Promise<readonly string[]> {
  const rig = await twoServices(t, { main: STEPS, other: saysIts('other'), route: { policies } });
  const seen: string[] = [];
  for (const sent of REQUESTS) {
    const client = await rig.client();
    const response = await client.ask(sent);
    seen.push(response.head, response.body.toString(), JSON.stringify(response.trailers));
    client.destroy();
  }
  for (const talk of rig.upstream.requests) {
    seen.push(talk.head);
    if (talk.target !== '/reset') seen.push((await talk.whole()).body.toString());
  }
  seen.push(`${rig.other.requests.length} at the other service`);
  return seen.map(withoutChance);
}

function withoutChance(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{16}-[0-9a-z]{8}/g, 'ID')
    .replaceAll(/^(Date|X-Forwarded-Port): .*$/gm, '$1')
    .replaceAll(/:\d{4,5}/g, ':PORT');
}

describe('policies that only report', () => {
  it('change no byte of what clients and services see', async (t) => {
    const mode = 'report';
    const off = await seenOf(t, { retry: 'off' });
    const reported = await seenOf(t, {
      retry: { mode, attempts: 3, on: ['reset', 'timeout', 503], perTry: '20ms' },
      hedge: { mode, after: '5ms', budget: '100%' },
      fallback: { mode, service: 'other' },
      mirror: { mode, service: 'other' },
      fault: { mode, delay: { duration: '1s' }, abort: { status: 500 } },
    });
    assert.deepEqual(reported, off);
  });
});
