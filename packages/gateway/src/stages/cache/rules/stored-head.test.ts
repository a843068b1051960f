import type { CacheConfig } from '@turnpike/config';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Headers } from '../../../core/headers.ts';
import { answerOf, AT_ONCE, cacheConfig, dateAt, fields, NOW } from './rules-testing.ts';
import { storedFields, updatedFields } from './stored-head.ts';

function lines(headers: Headers): string[] {
  return headers.names.map(({ spelling }, i) => `${spelling}: ${headers.values[i]}`);
}

const date = `Date: ${NOW}`;

describe('storedFields', () => {
  type Row = readonly [
    section: string,
    came: readonly string[],
    kept: readonly string[],
    Partial<CacheConfig>?,
  ];
  const table: readonly Row[] = [
    ['RFC 9111 §3.1', ['Test-Header: a', 'Content-Foo: b', date], ['Test-Header: a', 'Content-Foo: b', date]],
    ['RFC 9111 §3.1', [date, 'Connection: x', 'Keep-Alive: 5', 'TE: a', 'Upgrade: b'], [date]],
    ['RFC 9111 §3.1', [date, 'Transfer-Encoding: chunked', 'Proxy-Connection: x'], [date]],
    [
      'RFC 9111 §3.1',
      [date, 'Proxy-Authenticate: a', 'Proxy-Authentication-Info: b', 'Proxy-Authorization: c'],
      [date],
    ],
    ['RFC 9111 §5.1', [date, 'Age: 5'], [date]],
    ['RFC 9110 §6.6.1', ['X: y'], ['X: y', date]],
    [
      'RFC 9111 §5.2.2.4',
      [date, 'Cache-Control: no-cache="a, b"', 'A: 1', 'b: 2', 'C: 3'],
      [date, 'Cache-Control: no-cache="a, b"', 'C: 3'],
    ],
    [
      'RFC 9111 §5.2.2.7',
      [date, 'CDN-Cache-Control: private="a"', 'A: 1'],
      [date, 'CDN-Cache-Control: private="a"'],
    ],
    ['RFC 9111 §7.3', [date, 'Set-Cookie: a=b', 'Set-Cookie: c=d'], [date], { setCookie: 'strip' }],
    ['RFC 9111 §7.3', [date, 'Set-Cookie: a=b'], [date, 'Set-Cookie: a=b'], { setCookie: 'keep' }],
  ];
  for (const [section, came, kept, changes] of table) {
    it(`keeps ${JSON.stringify(kept)} of ${JSON.stringify(came)} (${section})`, () => {
      assert.deepEqual(lines(storedFields(answerOf(...came), AT_ONCE, cacheConfig(changes))), kept);
    });
  }
});

describe('updatedFields', () => {
  type Row = readonly [stored: readonly string[], news: readonly string[], updated: readonly string[]];
  const table: readonly Row[] = [
    [['Test-Header: a'], [], ['Test-Header: a']],
    [['Test-Header: a'], ['Test-Header: b'], ['Test-Header: b']],
    [
      ['A: 1', 'A: 2', 'B: 3'],
      ['A: 4', 'C: 5'],
      ['B: 3', 'A: 4', 'C: 5'],
    ],
    [['Cache-Control: max-age=1'], ['Cache-Control: max-age=3600'], ['Cache-Control: max-age=3600']],
    [
      ['ETag: "a"', 'Content-Type: a/b'],
      ['ETag: "a"', 'Content-Type: a/c'],
      ['ETag: "a"', 'Content-Type: a/c'],
    ],
    [['Content-Length: 5'], ['Content-Length: 10'], ['Content-Length: 5']],
    [['Content-Encoding: gzip'], ['Content-Encoding: br'], ['Content-Encoding: gzip']],
    [['Content-Range: bytes 0-1/2'], ['Content-Range: bytes 1-1/2'], ['Content-Range: bytes 0-1/2']],
    [['X: y'], ['Set-Cookie: a=b', 'Content-Encoding: br'], ['X: y']],
    [[`Date: ${dateAt(-60)}`], [date], [date]],
    [[`Date: ${dateAt(-60)}`], [], []],
    [['X: y'], ['Age: 5'], ['X: y', 'Age: 5']],
  ];
  for (const [stored, news, updated] of table) {
    it(`makes ${JSON.stringify(updated)} of ${JSON.stringify(stored)} and ${JSON.stringify(news)} (RFC 9111 §3.2)`, () => {
      assert.deepEqual(lines(updatedFields(fields(...stored), fields(...news))), updated);
    });
  }
});
