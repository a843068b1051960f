// What is in memory, given to clients of HTTP/2; and what comes before an answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, early, type Step } from '@turnpike/testkit';
import { gateway, get } from '../wire/fixture.ts';
import { ask, http2Client, read } from '../wire/http2-client.ts';
import { cached, fresh } from './fixture.ts';

const DIGITS = fresh('0123456789', ['ETag: "v"', 'Content-Type: text/plain']);
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';

describe('what is in memory, over HTTP/2', () => {
  it('is given whole, in parts, as a head and as 304', async (t) => {
    const { plane, upstream } = await gateway(t, cached({ upstream: answer(DIGITS) }));
    const session = await http2Client(t, plane.port);
    const asked = async (fields: Record<string, string> = {}) => {
      const { status, headers, body } = await read(ask(session, { ':path': '/', ...fields }));
      return { status, headers, text: body.toString() };
    };
    assert.match(String((await asked()).headers['cache-status']), /fwd=uri-miss; .*stored/);
    const hit = await asked();
    assert.deepEqual([hit.status, hit.text, hit.headers['content-length']], [200, '0123456789', '10']);
    assert.match(String(hit.headers['cache-status']), /; hit; /);
    const part = await asked({ range: 'bytes=2-4' });
    assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, '234', 'bytes 2-4/10']);
    const parts = await asked({ range: 'bytes=0-0, 8-9' });
    assert.deepEqual([parts.status, parts.text.includes('bytes 8-9/10\r\n\r\n89\r\n')], [206, true]);
    assert.equal(Number(parts.headers['content-length']), parts.text.length);
    const none = await asked({ range: 'bytes=50-' });
    assert.deepEqual([none.status, none.text, none.headers['content-range']], [416, '', 'bytes */10']);
    const weak = await asked({ range: 'bytes=2-4', 'if-range': 'W/"v"' });
    assert.deepEqual([weak.status, weak.text], [200, '0123456789']);
    const head = await asked({ ':method': 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '10']);
    const same = await asked({ 'if-none-match': 'W/"v"' });
    assert.deepEqual([same.status, same.text, same.headers['etag']], [304, '', '"v"']);
    assert.equal(upstream.requests.length, 1);
  });

  it('is the same for many streams of one connection at once, small and large', async (t) => {
    const bodies = new Map([10, 20_000, 400_000].map((size) => [`/${size}`, 'x'.repeat(size)]));
    const step: Step = (talk) => talk.write(fresh(bodies.get(talk.target) ?? ''));
    const { plane, upstream } = await gateway(t, cached({ upstream: step }));
    const session = await http2Client(t, plane.port);
    const paths = Array.from({ length: 30 }, (_, i) => [...bodies.keys()][i % 3] ?? '');
    for (let round = 0; round < 2; round++) {
      const replies = await Promise.all(paths.map((path) => read(ask(session, { ':path': path }))));
      for (const [i, { body }] of replies.entries()) {
        const path = paths[i] ?? '';
        assert.ok(body.toString() === bodies.get(path), path);
      }
    }
    assert.equal(upstream.requests.length, 3);
  });
});

describe('early hints before what is stored', () => {
  it('come to the one who asked, and to nobody who gets it from memory', async (t) => {
    const { client, upstream } = await gateway(t, cached({ upstream: early(HINTS + DIGITS) }));
    const one = await client();
    const first = await one.ask(get('/'));
    assert.deepEqual(
      first.interims.map(({ startLine, fields }) => [startLine, fields]),
      [
        [
          'HTTP/1.1 103 Early Hints',
          [
            ['Link', '</a.css>'],
            ['Via', '1.1 turnpike'],
          ],
        ],
      ],
    );
    const second = await one.ask(get('/'));
    assert.deepEqual([second.interims, second.body.toString()], [[], '0123456789']);
    assert.equal(upstream.requests.length, 1);
  });

  it('of a refresh that nobody waits for get into no other answer', async (t) => {
    const stale = HINTS + DIGITS.replace('max-age=60', 'max-age=0, stale-while-revalidate=60');
    const { client, upstream } = await gateway(t, cached({ upstream: answer(stale) }));
    const one = await client();
    await one.ask(get('/'));
    for (let i = 0; i < 5; i++) assert.deepEqual((await one.ask(get('/'))).interims, []);
    await upstream.request(1);
  });
});
