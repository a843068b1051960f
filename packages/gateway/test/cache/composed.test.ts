// What is put together from what is stored and what the service says: parts, variants, and heads.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { eventually, fieldOf, reply, type Message, type RawResponse, type Step } from '@turnpike/testkit';
import { gateway, get, request } from '../wire/fixture.ts';
import { cached, statusOf } from './fixture.ts';

interface World {
  /** What the service was asked. */
  readonly asked: Message[];
  get(path: string, ...fields: string[]): Promise<RawResponse>;
  head(path: string, ...fields: string[]): Promise<RawResponse>;
}

async function world(
  t: TestContext,
  answer: (request: Message, count: number) => string,
  cache: object = {},
): Promise<World> {
  const asked: Message[] = [];
  const upstream: Step = async (talk) => {
    const message = await talk.whole();
    asked.push(message);
    await talk.write(answer(message, asked.length));
  };
  const { client } = await gateway(t, cached({ upstream }, cache));
  const browser = await client();
  return {
    asked,
    get: (path, ...fields) => browser.ask(get(path, ...fields)),
    head: (path, ...fields) => browser.ask(request(`HEAD ${path}`, fields), 'HEAD'),
  };
}

const TEXT = 'abcdefghijklmnopqrstuvwxyz'.repeat(2000);

/** A service that has one text in the version that `tag` says, and gives parts of it. */
function parts(tagOf: () => string, text = TEXT): (message: Message) => string {
  return (message) => {
    const tag = tagOf();
    const fields = ['Cache-Control: max-age=60', `ETag: ${tag}`];
    const ifRange = fieldOf(message, 'if-range');
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(fieldOf(message, 'range') ?? '') ?? [];
    if (first === '' || (ifRange !== undefined && ifRange !== tag)) return reply(text, fields);
    const to = last === '' ? text.length : Math.min(Number(last) + 1, text.length);
    return reply(
      text.slice(Number(first), to),
      [...fields, `Content-Range: bytes ${first}-${to - 1}/${text.length}`],
      '206 Partial Content',
    );
  };
}

const rangesOf = (asked: readonly Message[]) =>
  asked.map((message) => [fieldOf(message, 'range'), fieldOf(message, 'if-range')]);

describe('parts of one representation', () => {
  for (const text of [TEXT, TEXT.slice(0, 300)]) {
    it(`of ${text.length} bytes are put together until all of it is there (RFC 9111 §3.4)`, async (t) => {
      const { get, asked } = await world(
        t,
        parts(() => '"v"', text),
      );
      const third = text.length / 4;
      for (const [from, to] of [
        [third, third * 2],
        [third * 2 - 10, third * 3],
        [0, third + 5],
      ] as const) {
        const part = await get('/', `Range: bytes=${from}-${to - 1}`);
        assert.equal(part.status, 206);
        assert.equal(fieldOf(part, 'content-range'), `bytes ${from}-${to - 1}/${text.length}`);
        assert.ok(part.body.toString() === text.slice(from, to));
      }
      const inside = await get('/', `Range: bytes=5-${third * 3 - 5}`);
      assert.match(statusOf(inside), /Turnpike; hit/);
      assert.ok(inside.body.toString() === text.slice(5, third * 3 - 4));
      assert.equal(asked.length, 3);
      const whole = await get('/');
      assert.deepEqual([whole.status, fieldOf(whole, 'content-range')], [200, undefined]);
      assert.match(statusOf(whole), /fwd=partial; .*stored/);
      assert.ok(whole.body.toString() === text);
      assert.deepEqual(rangesOf(asked).at(-1), [`bytes=${third * 3}-`, '"v"']);
      assert.match(statusOf(await get('/', 'Range: bytes=0-9')), /Turnpike; hit/);
    });
  }

  it('are not put together when it has changed meanwhile', async (t) => {
    let tag = '"v1"';
    const { get, asked } = await world(
      t,
      parts(() => tag),
    );
    await get('/', 'Range: bytes=0-99');
    tag = '"v2"';
    const other = await get('/', 'Range: bytes=100-199');
    assert.deepEqual([other.status, fieldOf(other, 'etag')], [206, '"v2"']);
    tag = '"v3"';
    const whole = await get('/');
    assert.deepEqual([whole.status, fieldOf(whole, 'etag')], [200, '"v3"']);
    assert.ok(whole.body.toString() === TEXT);
    assert.equal(asked.length, 3);
  });

  it('are asked for anew where what is missing comes of something else', async (t) => {
    const { get, asked } = await world(t, (message, count) => {
      // This service looks at no If-Range.
      const fields = message.fields.filter(([name]) => !/if-range/i.test(name));
      return parts(() => `"v${count}"`)({ ...message, fields });
    });
    await get('/', 'Range: bytes=0-99');
    const whole = await get('/');
    assert.deepEqual([whole.status, whole.body.toString() === TEXT], [200, true]);
    assert.deepEqual(rangesOf(asked).slice(1), [
      ['bytes=100-', '"v1"'],
      [undefined, undefined],
    ]);
  });

  it('are not asked for by a client that has part of another version', async (t) => {
    const { get } = await world(
      t,
      parts(() => '"v2"'),
    );
    await get('/', 'Range: bytes=0-99');
    const whole = await get('/', 'Range: bytes=100-', 'If-Range: "v1"');
    assert.deepEqual([whole.status, whole.body.toString() === TEXT], [200, true]);
  });

  it('are passed on where several are wanted of what is not there, and nothing is forgotten for that', async (t) => {
    const { get, asked } = await world(t, (message) =>
      fieldOf(message, 'range')?.includes(',') === true
        ? reply('several', ['Content-Type: multipart/byteranges; boundary=x'], '206 Partial Content')
        : parts(() => '"v"')(message),
    );
    for (let i = 0; i < 2; i++) {
      const several = await get('/', 'Range: bytes=0-1,200-201');
      assert.match(statusOf(several), /fwd=partial$/);
      assert.equal(several.body.toString(), 'several');
      await get('/', 'Range: bytes=0-99');
    }
    assert.match(statusOf(await get('/', 'Range: bytes=1-98')), /; hit/);
    assert.equal(asked.length, 3);
  });

  for (const size of [100, 50_000]) {
    it(`of ${size} bytes that nobody asked for are passed on as what they are (RFC 9110 §15.3.7)`, async (t) => {
      const part = TEXT.slice(200, 200 + size);
      const contentRange = `bytes 200-${199 + size}/${TEXT.length}`;
      const { get } = await world(t, () =>
        reply(
          part,
          ['Cache-Control: max-age=60', 'ETag: "v"', `Content-Range: ${contentRange}`],
          '206 Partial Content',
        ),
      );
      for (const range of ['0-99', '0-250', '150-220', '199-51000', '51999-', '99999-']) {
        const given = await get(`/${range}`, `Range: bytes=${range}`);
        assert.deepEqual([given.status, fieldOf(given, 'content-range')], [206, contentRange], range);
        assert.ok(given.body.toString() === part, range);
      }
    });
  }

  it('are not what a HEAD wants, which has no ranges (RFC 9110 §14.2)', async (t) => {
    const { get, head } = await world(t, (message) =>
      message.startLine.startsWith('HEAD')
        ? `HTTP/1.1 200 OK\r\nContent-Length: ${TEXT.length}\r\n\r\n`
        : parts(() => '"v"')(message),
    );
    await get('/', 'Range: bytes=0-99');
    const { status, fields } = await head('/', 'Range: bytes=0-9');
    assert.deepEqual([status, fieldOf({ fields }, 'content-length')], [200, String(TEXT.length)]);
  });

  it('come with their cookies, and are not put together with those', async (t) => {
    const { get } = await world(t, (message, count) => {
      const said = parts(() => '"v"')(message);
      return count === 1 ? said : said.replace('\r\n', '\r\nSet-Cookie: id=1\r\n');
    });
    await get('/', 'Range: bytes=0-99');
    const next = await get('/', 'Range: bytes=100-199');
    assert.deepEqual([next.status, fieldOf(next, 'set-cookie')], [206, 'id=1']);
    assert.doesNotMatch(statusOf(next), /stored/);
  });

  it('are given as they are where all of it would be too much to store', async (t) => {
    const { get } = await world(
      t,
      parts(() => '"v"'),
      { maxObjectBytes: 150 },
    );
    await get('/', 'Range: bytes=0-99');
    const next = await get('/', 'Range: bytes=100-199');
    assert.equal(fieldOf(next, 'content-range'), `bytes 100-199/${TEXT.length}`);
    assert.ok(next.body.toString() === TEXT.slice(100, 200));
    assert.ok((await get('/')).body.toString() === TEXT);
  });
});

describe('variants', () => {
  /** One text for all but French, and a tag that says which it is. */
  const languages = (message: Message): string => {
    const tag = fieldOf(message, 'accept-language') === 'fr' ? '"french"' : '"english"';
    const fields = ['Cache-Control: max-age=60', 'Vary: Accept-Language', `ETag: ${tag}`];
    return (fieldOf(message, 'if-none-match') ?? '').includes(tag)
      ? `HTTP/1.1 304 Not Modified\r\n${fields.join('\r\n')}\r\n\r\n`
      : reply(tag.slice(1, -1), fields);
  };

  it('may be chosen by the service for other request fields (RFC 9111 §4.3.1, §4.3.4)', async (t) => {
    const { get, asked } = await world(t, languages);
    for (const language of ['en', 'fr', 'de']) await get('/', `Accept-Language: ${language}`);
    assert.deepEqual(
      asked.map((message) => fieldOf(message, 'if-none-match')),
      [undefined, '"english"', '"french", "english"'],
    );
    const first = await get('/', 'Accept-Language: es');
    assert.deepEqual([first.status, first.body.toString()], [200, 'english']);
    assert.match(statusOf(first), /fwd=vary-miss; fwd-status=304; .*stored/);
    const again = await get('/', 'Accept-Language: de');
    assert.equal(again.body.toString(), 'english');
    assert.match(statusOf(again), /Turnpike; hit/);
    assert.equal((await get('/', 'Accept-Language: fr')).body.toString(), 'french');
    assert.equal(asked.length, 4);
  });

  it('that are not there are asked for without conditions', async (t) => {
    const { get, asked } = await world(t, (message, count) => {
      const said = languages(message);
      return count === 2 ? 'HTTP/1.1 304 Not Modified\r\nETag: "other"\r\n\r\n' : said;
    });
    await get('/', 'Accept-Language: en');
    const { status, body } = await get('/', 'Accept-Language: de');
    assert.deepEqual([status, body.toString()], [200, 'english']);
    assert.equal(fieldOf(asked.at(-1) ?? assert.fail(), 'if-none-match'), undefined);
  });

  it('with very long tags, or a cookie of the service, are not chosen', async (t) => {
    const { get, asked } = await world(t, (message, count) => {
      const tag = fieldOf(message, 'accept-language') === 'fr' ? 'x'.repeat(5000) : 'english';
      const fields = ['Cache-Control: max-age=60', 'Vary: Accept-Language', `ETag: "${tag}"`];
      if (fieldOf(message, 'if-none-match') === undefined) return reply(`body ${count}`, fields);
      return `HTTP/1.1 304 Not Modified\r\nSet-Cookie: id=1\r\n${fields.join('\r\n')}\r\n\r\n`;
    });
    await get('/', 'Accept-Language: fr');
    await get('/', 'Accept-Language: en');
    assert.equal(fieldOf(asked.at(-1) ?? assert.fail(), 'if-none-match'), undefined);
    assert.equal((await get('/', 'Accept-Language: de')).body.toString(), 'body 4');
    assert.equal(fieldOf(asked[2] ?? assert.fail(), 'if-none-match'), '"english"');
  });

  for (const [field, values] of [
    ['Accept-Encoding', ['gzip', 'br']],
    ['Cookie', ['a=1', 'a=2']],
  ] as const) {
    it(`by ${field} are never chosen for others`, async (t) => {
      const { get, asked } = await world(t, () =>
        reply('x', ['Cache-Control: max-age=60', `Vary: ${field}`, 'ETag: "same"']),
      );
      for (const value of values) await get('/', `${field}: ${value}`);
      assert.deepEqual(
        asked.map((message) => fieldOf(message, 'if-none-match')),
        [undefined, undefined],
      );
    });
  }
});

describe('what is still the same', () => {
  for (const method of ['GET', 'HEAD'] as const) {
    it(`but varies by what a ${method} hears is for its client alone`, async (t) => {
      const { get, head, asked } = await world(t, (_, count) => {
        const fields = [`Cache-Control: max-age=${count === 1 ? 0 : 60}`, 'ETag: "v"'];
        if (count === 2) fields.push('Vary: Accept-Language');
        if (count !== 2) return reply('body', fields);
        const status = method === 'GET' ? '304 Not Modified' : '200 OK';
        return `HTTP/1.1 ${status}\r\n${fields.join('\r\n')}\r\n${method === 'GET' ? '' : 'Content-Length: 4\r\n'}\r\n`;
      });
      await get('/');
      const english = await (method === 'GET' ? get : head)('/', 'Accept-Language: en');
      assert.equal(english.status, 200);
      assert.doesNotMatch(statusOf(await get('/', 'Accept-Language: fr')), /; hit/);
      assert.equal(asked.length, 3);
    });
  }

  it('comes with the cookie that the service says beside it, for its client alone', async (t) => {
    const { get } = await world(t, (_, count) =>
      count === 1
        ? reply('body', ['Cache-Control: max-age=0', 'ETag: "v"'])
        : 'HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\nETag: "v"\r\nSet-Cookie: id=1\r\n\r\n',
    );
    const cookies = [];
    for (let i = 0; i < 3; i++) cookies.push(fieldOf(await get('/'), 'set-cookie'));
    assert.deepEqual(cookies, [undefined, 'id=1', undefined]);
  });
});

describe('a HEAD', () => {
  /** A service whose answers to GET are stale at once, and those to HEAD are not. */
  const heads =
    (tag: string, ...more: string[]) =>
    (message: Message): string =>
      message.startLine.startsWith('HEAD')
        ? `HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCache-Control: max-age=60\r\nETag: ${tag}\r\n${more.map((line) => `${line}\r\n`).join('')}\r\n`
        : reply('body', ['Cache-Control: max-age=0', 'ETag: "v"', 'X-A: 1']);

  it('about the same makes what is stored fresh again (RFC 9111 §4.3.5)', async (t) => {
    const { get, head, asked } = await world(t, heads('"v"', 'X-A: 2'));
    await get('/');
    assert.equal((await head('/')).status, 200);
    const hit = await get('/');
    assert.deepEqual([hit.body.toString(), fieldOf(hit, 'x-a')], ['body', '2']);
    assert.match(statusOf(hit), /Turnpike; hit/);
    assert.equal(asked.length, 2);
  });

  it('about something else leaves it stale', async (t) => {
    const { get, head, asked } = await world(t, heads('"w"'));
    await get('/');
    await head('/');
    assert.match(statusOf(await get('/')), /fwd=stale/);
    assert.equal(asked.length, 3);
  });

  it('with fields that are in no key changes nothing for others', async (t) => {
    const { get, head } = await world(t, heads('"v"', 'X-A: evil'));
    await get('/');
    await head('/', 'X-HTTP-Method-Override: DELETE');
    const next = await get('/');
    assert.equal(fieldOf(next, 'x-a'), '1');
  });

  it('that finds something stale has it fetched with a GET', async (t) => {
    const { get, head, asked } = await world(t, (_, count) =>
      reply(`body ${count}`, ['Cache-Control: max-age=0, stale-while-revalidate=60']),
    );
    await get('/');
    assert.match(statusOf(await head('/')), /Turnpike; hit; ttl=(0|-\d)/);
    await eventually(() => asked.length === 2, 'it is asked for anew');
    assert.match(asked[1]?.startLine ?? '', /^GET /);
    const { body } = await get('/');
    assert.match(body.toString(), /^body [12]$/);
  });
});
