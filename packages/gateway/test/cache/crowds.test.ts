import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, rawClient, type Step } from '@turnpike/testkit';
import { gateway, get } from '../wire/fixture.ts';
import { cached, fresh, statusOf } from './fixture.ts';

const CLIENTS = 200;

/** A service whose answers are let go together. */
function gate(bytes: string) {
  const opened = Promise.withResolvers<void>();
  const step: Step = async (talk) => {
    await opened.promise;
    await talk.write(bytes);
  };
  return { step, open: () => opened.resolve() };
}

describe('many clients that ask at once', () => {
  it('are one request to the service, and all get its answer', async (t) => {
    const body = 'x'.repeat(100_000);
    const { step, open } = gate(fresh(body));
    const { upstream, plane } = await gateway(t, cached({ upstream: step }));
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => rawClient(plane.port)));
    t.after(() => clients.forEach((client) => client.destroy()));
    const answers = clients.map((client) => client.ask(get('/popular')));
    await eventually(
      () => plane.metrics().includes(`turnpike_requests_in_flight{route="main",service="main"} ${CLIENTS}`),
      'all requests to be under way',
    );
    open();
    const all = await Promise.all(answers);
    assert.equal(upstream.requests.length, 1);
    assert.ok(all.every((answer) => answer.status === 200 && answer.body.toString() === body));
    assert.equal(all.filter((answer) => statusOf(answer).includes('collapsed')).length, CLIENTS - 1);
  });

  it('do not suffer when the one that came first goes away', async (t) => {
    const { step, open } = gate(fresh('still'));
    const { upstream, plane } = await gateway(t, cached({ upstream: step }));
    const first = await rawClient(plane.port);
    await first.send(get('/popular'));
    await upstream.request(0);
    const second = await rawClient(plane.port);
    t.after(() => second.destroy());
    const answer = second.ask(get('/popular'));
    first.reset();
    await plane.lines(1);
    open();
    assert.equal((await answer).body.toString(), 'still');
    assert.equal(upstream.requests.length, 1);
  });
});

describe('a client that reads slowly', () => {
  it('gets every byte as it was, though the memory has become full of other things', async (t) => {
    const large = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');
    const step: Step = (talk) => talk.write(fresh(talk.target === '/large' ? large : 'y'.repeat(200_000)));
    const { plane } = await gateway(t, cached({ upstream: step }, { size: '4MiB', maxObjectBytes: '4MiB' }));
    const [slow, other] = await Promise.all([rawClient(plane.port), rawClient(plane.port)]);
    t.after(() => [slow, other].forEach((client) => client.destroy()));
    // Large things are kept when they come for the second time.
    for (let i = 0; i < 3; i++) await other.ask(get('/large'));
    slow.socket.pause();
    await slow.send(get('/large'));
    for (let i = 0; i < 60; i++) await other.ask(get(`/other/${i % 30}`));
    slow.socket.resume();
    const { body } = await slow.response();
    assert.ok(body.equals(Buffer.from(large)), 'other bytes came');
  });
});
