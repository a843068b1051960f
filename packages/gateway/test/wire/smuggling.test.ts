import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { IncompleteMessage, rawClient, reply, scriptedUpstream, startPlane } from '@turnpike/testkit';
import { SMUGGLING_CORPUS } from '../parser/smuggling-corpus.ts';
import { get } from './fixture.ts';

describe('request smuggling over real sockets', () => {
  let rig: Awaited<ReturnType<typeof open>>;
  before(async () => (rig = await open()));
  after(() => rig.close());

  for (const { name, bytes, expectation } of SMUGGLING_CORPUS) {
    it(`lets no second request through to the service: ${expectation}, ${name}`, async (t) => {
      const { plane, upstream } = rig;
      const connection = await rawClient(plane.port);
      t.after(() => connection.destroy());
      const before = upstream.requests.length;
      // The gateway may close while we still send.
      connection.socket.write(bytes);
      connection.end();
      const method = bytes.toString('latin1', 0, 5) === 'HEAD ' ? 'HEAD' : 'GET';
      const statuses: number[] = [];
      try {
        for (;;) statuses.push((await connection.response(method)).status);
      } catch (error) {
        if (!(error instanceof IncompleteMessage)) throw error;
        assert.equal(error.received, '', 'half a response');
      }
      const whole = await Promise.all(
        upstream.requests
          .slice(before)
          .map((talk) => talk.whole().then(({ startLine }) => startLine, broken)),
      );
      const seen = whole.filter((line) => line !== null);
      const most = expectation === 'once' ? 1 : 0;
      assert.ok(seen.length <= most, `the service saw ${seen.join(', ')}`);
      assert.ok(!seen.some((line) => line.includes('/admin')), 'the service saw the smuggled request');
      assert.ok(statuses.filter((status) => status < 400).length <= most);
      // Whoever comes next gets an answer of his own.
      const next = await rawClient(plane.port);
      t.after(() => next.destroy());
      assert.equal((await next.ask(get(`/next/${before}`))).body.toString(), `/next/${before}`);
      assert.equal(plane.inflight(), 0);
    });
  }
});

/** One gateway for all cases: what one leaves behind, the next would meet. */
async function open() {
  const upstream = await scriptedUpstream(async (talk) => {
    await talk.whole();
    await talk.write(reply(talk.target));
  });
  const plane = await startPlane({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [upstream.url] } },
    routes: { main: { match: { path: '/*' }, service: 'main' } },
  });
  return {
    upstream,
    plane,
    async close() {
      await upstream.close();
      await plane.close();
    },
  };
}

function broken(): null {
  return null;
}
