// Bodies that come in chunks, which the one who asked for them does not read: they are for all others still.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rawClient, type Step } from '@turnpike/testkit';
import { chunks, gateway, get } from '../wire/fixture.ts';
import { cached, statusOf } from './fixture.ts';

const FIELDS = 'Transfer-Encoding: chunked\r\nETag: "v"\r\nCache-Control:';

function chunked(body: string, control: string): string {
  return `HTTP/1.1 200 OK\r\n${FIELDS} ${control}\r\n\r\n${chunks([body])}`;
}

for (const size of [5, 100_000]) {
  const text = 'x'.repeat(size);

  it(`${size} bytes are stored though their client has them already`, async (t) => {
    const step: Step = (talk) => talk.write(chunked(text, 'max-age=60'));
    const { client, upstream } = await gateway(t, cached({ upstream: step }));
    const browser = await client();
    assert.equal((await browser.ask(get('/', 'If-None-Match: "v"'))).status, 304);
    const next = await browser.ask(get('/'));
    assert.deepEqual([next.status, next.body.toString() === text], [200, true]);
    assert.equal(upstream.requests.length, 1);
  });

  it(`${size} bytes are stored though their client is gone`, async (t) => {
    const opened = Promise.withResolvers<void>();
    const step: Step = async (talk) => {
      await opened.promise;
      await talk.write(chunked(text, 'max-age=60'));
    };
    const { client, upstream, plane } = await gateway(t, cached({ upstream: step }));
    const first = await rawClient(plane.port);
    await first.send(get('/'));
    await upstream.request(0);
    first.reset();
    await plane.lines(1);
    opened.resolve();
    const browser = await client();
    assert.ok((await browser.ask(get('/'))).body.toString() === text);
    assert.equal(upstream.requests.length, 1);
  });

  it(`${size} bytes are stored by a refresh that nobody waits for`, async (t) => {
    const answers = [chunked('old', 'max-age=0, stale-while-revalidate=60'), chunked(text, 'max-age=60')];
    const step: Step = (talk) => talk.write(answers.shift() ?? chunked('too many', 'no-store'));
    const { client, upstream } = await gateway(t, cached({ upstream: step }));
    const browser = await client();
    await browser.ask(get('/'));
    assert.match(statusOf(await browser.ask(get('/'))), /; hit/);
    await upstream.request(1);
    // Who wants nothing stale waits for it.
    const next = await browser.ask(get('/', 'Cache-Control: min-fresh=1'));
    assert.ok(next.body.toString() === text);
    assert.equal(upstream.requests.length, 2);
  });
}
