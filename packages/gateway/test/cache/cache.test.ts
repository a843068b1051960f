import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fieldOf, reply, type Message, type RawResponse, type Step } from '@turnpike/testkit';
import { gateway, get, request, type Rig } from '../wire/fixture.ts';

interface CacheRig extends Rig {
  /** What the service was asked. */
  readonly asked: Message[];
  ask(text: string, method?: string): Promise<RawResponse>;
}

/** A gateway with a cache, before a service that answers with what `make` says. */
async function cached(
  t: TestContext,
  make: (request: Message, count: number) => string,
  policy: object = {},
  more: object = {},
): Promise<CacheRig> {
  const asked: Message[] = [];
  const upstream: Step = async (talk) => {
    const message = await talk.whole();
    asked.push(message);
    await talk.write(make(message, asked.length));
  };
  const rig = await gateway(t, { upstream, route: { policies: { cache: policy }, ...more } });
  const client = await rig.client();
  return { ...rig, asked, ask: (text, method) => client.ask(text, method) };
}

const fresh = (body: string, ...fields: string[]) => reply(body, ['Cache-Control: max-age=60', ...fields]);
const statusOf = (response: RawResponse) => fieldOf(response, 'cache-status');

describe('the cache', () => {
  it('answers from memory what is fresh', async (t) => {
    const { ask, asked, plane } = await cached(t, (_, n) => fresh(`body ${n}`, 'X-A: b'));
    const first = await ask(get('/a?b=c'));
    assert.equal(first.body.toString(), 'body 1');
    assert.match(statusOf(first) ?? '', /^Turnpike; fwd=uri-miss; ttl=(60|59); stored$/);
    const second = await ask(get('/a?b=c'));
    assert.equal(second.body.toString(), 'body 1');
    assert.match(statusOf(second) ?? '', /^Turnpike; hit; ttl=(60|59|58)$/);
    assert.equal(fieldOf(second, 'x-a'), 'b');
    assert.match(fieldOf(second, 'age') ?? '', /^[01]$/);
    const other = await ask(get('/a?b=d'));
    assert.equal(other.body.toString(), 'body 2');
    assert.equal(asked.length, 2);
    const lines = await plane.lines(3);
    assert.deepEqual(
      lines.map(({ cache }) => cache),
      ['miss', 'hit', 'miss'],
    );
  });

  it('keeps nothing that must not be kept', async (t) => {
    const { ask, asked } = await cached(t, () => reply('x', ['Cache-Control: private, max-age=60']));
    assert.match(statusOf(await ask(get('/'))) ?? '', /fwd=uri-miss; detail=private/);
    assert.match(statusOf(await ask(get('/'))) ?? '', /fwd=bypass; detail=hit-for-miss/);
    assert.equal(asked.length, 2);
  });

  it('asks whether it is still the same', async (t) => {
    const { ask, asked } = await cached(t, (message, n) =>
      fieldOf(message, 'if-none-match') === '"v"'
        ? 'HTTP/1.1 304 Not Modified\r\nETag: "v"\r\nX-N: 2\r\nCache-Control: max-age=0\r\n\r\n'
        : reply(`body ${n}`, ['Cache-Control: max-age=0', 'ETag: "v"', 'X-N: 1']),
    );
    await ask(get('/'));
    const second = await ask(get('/'));
    assert.deepEqual([second.status, second.body.toString(), fieldOf(second, 'x-n')], [200, 'body 1', '2']);
    assert.match(statusOf(second) ?? '', /fwd=stale; fwd-status=304/);
    const third = await ask(get('/', 'If-None-Match: "v"'));
    assert.deepEqual([third.status, third.body.length], [304, 0]);
    assert.equal(asked.length, 3);
  });

  it('keeps what varies apart', async (t) => {
    const { ask, asked } = await cached(t, (message) =>
      fresh(fieldOf(message, 'accept-language') ?? 'none', 'Vary: Accept-Language'),
    );
    for (const language of ['de', 'en', 'de', 'en', 'de']) {
      const response = await ask(get('/', `Accept-Language: ${language}`));
      assert.equal(response.body.toString(), language);
    }
    assert.equal(asked.length, 2);
  });

  it('gives parts, heads and 304 of what it has', async (t) => {
    const { ask, asked } = await cached(t, () =>
      fresh('0123456789', 'ETag: "v"', 'Content-Type: text/plain'),
    );
    await ask(get('/'));
    const part = await ask(get('/', 'Range: bytes=2-4'));
    assert.deepEqual(
      [part.status, part.body.toString(), fieldOf(part, 'content-range')],
      [206, '234', 'bytes 2-4/10'],
    );
    const parts = await ask(get('/', 'Range: bytes=0-0, 8-9'));
    assert.equal(parts.status, 206);
    assert.match(
      parts.body.toString(),
      /^--[\w-]{24}\r\nContent-Type: text\/plain\r\nContent-Range: bytes 0-0\/10\r\n\r\n0\r\n--.*\r\n.*\r\n.*8-9\/10\r\n\r\n89\r\n--.*--\r\n$/,
    );
    const none = await ask(get('/', 'Range: bytes=50-'));
    assert.deepEqual([none.status, fieldOf(none, 'content-range')], [416, 'bytes */10']);
    const head = await ask(request('HEAD /'), 'HEAD');
    assert.deepEqual([head.status, fieldOf(head, 'content-length'), head.body.length], [200, '10', 0]);
    assert.equal((await ask(get('/', 'If-None-Match: W/"v"'))).status, 304);
    assert.equal(asked.length, 1);
  });

  for (const size of [20_000, 1_000_000]) {
    it(`keeps ${size} bytes, of known length and in chunks`, async (t) => {
      const body = 'abcdefghij'.repeat(size / 10);
      const { ask, asked } = await cached(t, ({ startLine }) =>
        startLine.includes('chunks')
          ? reply(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`, [
              'Transfer-Encoding: chunked',
              'Cache-Control: max-age=60',
            ])
          : fresh(body),
      );
      for (const path of ['/whole', '/whole', '/chunks', '/chunks']) {
        const response = await ask(get(path));
        assert.equal(response.body.length, size);
        assert.ok(response.body.toString() === body);
      }
      assert.equal(asked.length, 2);
    });
  }

  it('forgets what an unsafe method has changed', async (t) => {
    const { ask, asked } = await cached(t, () => fresh('x'));
    await ask(get('/a'));
    await ask(get('/a'));
    assert.equal(asked.length, 1);
    await ask(request('POST /a', [], 'y'));
    await ask(get('/a'));
    assert.equal(asked.length, 3);
  });

  it('gives what is stale when the service fails', async (t) => {
    const { ask } = await cached(t, (_, n) =>
      n === 1
        ? reply('good', ['Cache-Control: max-age=0, stale-if-error=60'])
        : reply('bad', [], '503 Unavailable'),
    );
    await ask(get('/'));
    const second = await ask(get('/'));
    assert.deepEqual([second.status, second.body.toString()], [200, 'good']);
    assert.match(statusOf(second) ?? '', /fwd=stale; fwd-status=503/);
  });

  it('asks once for all who want the same', async (t) => {
    const waiting: (() => void)[] = [];
    let asked = 0;
    const upstream: Step = async (talk) => {
      await talk.whole();
      asked++;
      await new Promise<void>((resolve) => waiting.push(resolve));
      await talk.write(fresh('shared'));
    };
    const rig = await gateway(t, { upstream, route: { policies: { cache: {} } } });
    const clients = await Promise.all(Array.from({ length: 50 }, () => rig.client()));
    const answers = clients.map((client) => client.ask(get('/')));
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const go of waiting) go();
    for (const answer of await Promise.all(answers)) assert.equal(answer.body.toString(), 'shared');
    assert.equal(asked, 1);
  });
});
