import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { headEnd, mayBecomeHead } from './head-scan.ts';

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

describe('headEnd', () => {
  const rows: readonly [text: string, from: number, to: number, end: number][] = [
    ['GET / HTTP/1.1\r\n\r\nrest', 0, 22, 18],
    ['\r\n\r\n', 0, 4, 4],
    ['a\r\n\r\n', 0, 4, -1],
    ['a\r\n\r\n', 0, 1, -1],
    ['a\r\n\r\nb\r\n\r\n', 1, 10, 5],
    ['a\r\n\r\nb\r\n\r\n', 2, 10, 10],
    ['a\r\n\r\nb\r\n\r\n', 2, 9, -1],
    ['a\n\n', 0, 3, -1],
    ['a\r\n\n', 0, 4, -1],
    ['', 0, 0, -1],
  ];
  for (const [text, from, to, end] of rows) {
    it(`finds ${end} in bytes ${from} to ${to} of ${JSON.stringify(text)} (RFC 9112 §2.1)`, () => {
      assert.equal(headEnd(latin1(text), from, to), end);
    });
  }
});

describe('mayBecomeHead', () => {
  const hopeful = [
    '',
    'G',
    'GET / HTTP/1.1',
    'GET / HTTP/1.1\r',
    'GET / HTTP/1.1\r\n',
    'A: \t\xff\r\nB',
    'A: b\r\n\r',
  ];
  for (const text of hopeful) {
    it(`waits for more of ${JSON.stringify(text)} (RFC 9112 §2.1)`, () => {
      assert.equal(mayBecomeHead(latin1(text), 0, text.length), true);
    });
  }

  const hopeless = [
    ' ', '\r', '\n', '\r\n', ' GET', '\0', '\x16\x03\x01', '\xef\xbb\xbfGET', 'GET /\n', 'GET /\n\n', 'GET /\rX', 'GET /\r\r', 'GET /\0', 'GET /\x7f',
    'A: b\r\nC: \x1b', 'A: b\r\nC\n', '(', ':',
  ]; // prettier-ignore
  for (const text of hopeless) {
    it(`gives up on ${JSON.stringify(text)} (RFC 9112 §2.2)`, () => {
      assert.equal(mayBecomeHead(latin1(text), 0, text.length), false);
    });
  }

  it('looks at its part of the buffer only', () => {
    const bytes = latin1('\n\rGET / HTTP\n\0');
    assert.equal(mayBecomeHead(bytes, 2, 12), true);
    assert.equal(mayBecomeHead(latin1('GET /\r\n'), 0, 6), true);
    assert.equal(mayBecomeHead(latin1('GET /\rX'), 0, 6), true);
    assert.equal(mayBecomeHead(latin1('\r\nGET'), 1, 5), false);
  });
});
