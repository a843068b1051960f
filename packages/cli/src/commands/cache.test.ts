import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Given } from '../command.ts';
import { Failure, UsageError } from '../exit-codes.ts';
import type { CacheEntries, CacheEntryView } from '../gateway.ts';
import type { Output } from '../output/terminal.ts';
import { cache } from './cache.ts';

/** What a command line gives, without commander. */
function given(words: readonly string[], options: Readonly<Record<string, string | true>> = {}): Given {
  return {
    words,
    has: (option) => options[option] === true,
    text: (option) => options[option] as string | undefined,
    list: () => [],
  };
}

function output(): Output & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, isTerminal: false, paint: (_, text) => text, print: (...more) => lines.push(...more) };
}

/** Runs the command against an admin API that answers like this; gives what it printed. */
async function run(
  context: TestContext,
  { words, options = {} }: { words: readonly string[]; options?: Readonly<Record<string, string | true>> },
  answer: RequestListener,
) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const [out, err] = [output(), output()];
  await cache.run(given(words, { admin: `http://127.0.0.1:${port}/edge/`, ...options }), { out, err });
  return { out: out.lines, err: err.lines };
}

const ENTRY: CacheEntryView = {
  memory: '*',
  route: 'r',
  address: 'http://a/\u009b2J',
  kind: 'response',
  state: 'stale',
  status: 200,
  ageSeconds: 3725,
  freshSeconds: -125,
  hits: 3,
  bodyBytes: 1_300_000,
  memoryBytes: 1_310_720,
  variant: { 'accept-language': 'de\u001b[2J', 'x-a': null },
  isForOneCaller: true,
};
const json =
  (value: object, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));

describe('turnpike cache', () => {
  for (const [words, options, expected] of [
    [['flush'], {}, /no action "flush"; there are stats, list, get, purge/],
    [['get'], {}, /get needs an address/],
    [['get', 'http://a/', 'http://b/'], {}, /get takes one address/],
    [['list', 'http://a/'], {}, /list takes no address/],
    [['stats'], { tag: 'a' }, /stats does not take --tag/],
    [['list'], { soft: true }, /list does not take --soft/],
    [['list'], { limit: 'many' }, /--limit must be a whole number/],
    [['list'], { limit: '0' }, /--limit must be a whole number/],
    [['stats'], { admin: 'ftp://a' }, /is no address of an admin API/],
    [['stats'], { admin: 'http://user@a' }, /is no address of an admin API/],
    [['stats'], { token: 'a b' }, /the token has characters/],
  ] as const) {
    it(`refuses ${words.join(' ')} ${JSON.stringify(options)}`, async () => {
      const refused = cache.run(given(words, options), { out: output(), err: output() });
      await assert.rejects(refused, (error) => error instanceof UsageError && expected.test(error.message));
    });
  }

  it('asks page after page, with its token, for as many as are wanted', async (context) => {
    const asked: string[] = [];
    const { out, err } = await run(
      context,
      { words: ['list'], options: { token: 'change-it', limit: '5', tag: 'a' } },
      (request, response) => {
        asked.push(`${request.headers.authorization} ${request.url}`);
        const entries = asked.length === 2 ? [] : [ENTRY, ENTRY];
        const page: CacheEntries = { entries, next: `${asked.length}.*` };
        response.end(JSON.stringify({ ...page, entries: asked.length === 4 ? [ENTRY] : entries }));
      },
    );
    assert.deepEqual(asked, [
      'Bearer change-it /edge/cache/entries?tag=a&limit=5',
      'Bearer change-it /edge/cache/entries?tag=a&limit=3&cursor=1.*',
      'Bearer change-it /edge/cache/entries?tag=a&limit=3&cursor=2.*',
      'Bearer change-it /edge/cache/entries?tag=a&limit=1&cursor=3.*',
    ]);
    assert.equal(out.length, 6);
    assert.match(
      out[1] ?? '',
      /^200 +stale +1h 2m +-2m 5s +3 +1\.2 MiB +http:\/\/a\/\?2J +accept-language: de\?\[2J; x-a: \(none\); one caller$/,
    );
    assert.deepEqual(err, ['There is more: --limit 50']);
  });

  it('gives what it is told to the admin API', async (context) => {
    let order = '';
    const { out } = await run(
      context,
      { words: ['purge'], options: { group: 'g', origin: 'http://a', soft: true } },
      (request, response) => {
        request.setEncoding('utf8').on('data', (text: string) => (order += text));
        request.on('end', () =>
          json({ kind: 'soft', by: 'group', value: 'g', memories: ['*', 'big'] })(request, response),
        );
      },
    );
    assert.deepEqual(JSON.parse(order), { group: 'g', origin: 'http://a', soft: true });
    assert.deepEqual(out, ['to be asked for again: group g, in (shared), big']);
  });

  for (const [answer, kind, expected] of [
    [
      json({ title: 'No', errors: ['tag must be short', 'soft too'] }, 422),
      UsageError,
      /^tag must be short; soft too$/,
    ],
    [json({ title: 'No', detail: 'such thing' }, 404), Failure, /^No: such thing$/],
    [json({ title: 'A token' }, 401), Failure, /^A token: give it with --token or TURNPIKE_TOKEN$/],
    [json({ ok: true }, 404), Failure, /is no admin API of Turnpike .*\(404\)/],
    [((_, response) => response.end('<html>')) satisfies RequestListener, Failure, /is no admin API/],
    [
      ((_, response) => response.writeHead(302, { Location: '/' }).end()) satisfies RequestListener,
      Failure,
      /302/,
    ],
    [((request) => request.destroy()) satisfies RequestListener, Failure, /cannot be reached/],
  ] as const) {
    it(`says what went wrong: ${expected.source}`, async (context) => {
      await assert.rejects(
        run(context, { words: ['stats'] }, answer),
        (error) => error instanceof kind && expected.test(error.message),
      );
    });
  }
});
