import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { UNTIL_CLOSE } from './framing.ts';
import { RESPONSE_HEAD_LIMITS, ResponseHead } from './response-head.ts';

const head = new ResponseHead();

/** Null, or what is wrong with a head of these lines, which end with CRLF. */
function parse(...lines: readonly string[]): string | null {
  const bytes = Buffer.from([...lines, '', ''].join('\r\n'), 'latin1');
  return head.parse(bytes, 0, bytes.length);
}

describe('ResponseHead: status line', () => {
  const accepted: readonly [line: string, status: number, minor: number][] = [
    ['HTTP/1.1 200 OK', 200, 1],
    ['HTTP/1.0 404 Not Found', 404, 0],
    ['HTTP/1.1 200 ', 200, 1],
    ['HTTP/1.1 200', 200, 1],
    ['HTTP/1.1 599 \x80\u00ff\t~', 599, 1],
    ['HTTP/1.1 100 Continue', 100, 1],
    ['HTTP/1.1 299  two spaces', 299, 1],
  ];
  for (const [line, status, minor] of accepted) {
    it(`accepts ${JSON.stringify(line)} (RFC 9112 §4)`, () => {
      assert.equal(parse(line), null);
      assert.deepEqual([head.status, head.minor], [status, minor]);
    });
  }

  const refused = [
    'HTTP/1.1  200 OK', 'HTTP/1.1\t200 OK', ' HTTP/1.1 200 OK', 'HTTP/1.1 200OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK', 'HTTP/1.1 000 OK', 'HTTP/1.1 600 OK', 'HTTP/1.1 999 OK', 'HTTP/1.1 +20 OK', 'HTTP/1.1 -20 OK', 'HTTP/1.1 2x0 OK',
    'HTTP/1.1 0x2 OK', 'HTTP/1.1 20\u00b2 OK', 'HTTP/1.1 OK', 'HTTP/1.1', 'HTTP/1.1 ', 'HTTP/1.2 200 OK', 'HTTP/2.0 200 OK', 'HTTP/2 200',
    'HTTP/0.9 200 OK', 'HTTP/1.10 200 OK', 'HTTP/11 200 OK', 'http/1.1 200 OK', 'Http/1.1 200 OK', 'HTTPS/1.1 200 OK', 'ICY 200 OK',
    'HTTP/1.1 200 O\0K', 'HTTP/1.1 200 O\x01K', 'HTTP/1.1 200 O\x7fK', 'HTTP/1.1 200 O\rK', 'HTTP/1.1 200 O\nK', 'HTTP/1.1 200 OK\r', '', '200',
  ]; // prettier-ignore
  for (const line of refused) {
    it(`refuses ${JSON.stringify(line)} (RFC 9112 §4)`, () => {
      assert.equal(parse(line, 'Content-Length: 0'), 'malformed status line');
    });
  }
});

describe('ResponseHead: fields', () => {
  const refused: readonly [section: string, lines: string][] = [
    ['RFC 9112 §5.1', 'X : y'],
    ['RFC 9112 §5.1', 'Content-Length : 5'],
    ['RFC 9112 §5', ': y'],
    ['RFC 9112 §5', 'X'],
    ['RFC 9112 §5.2', 'X: y\r\n z'],
    ['RFC 9112 §5.2', 'X: y\r\n\tz'],
    ['RFC 9112 §2.2', ' X: y'],
    ['RFC 9112 §2.2', 'X: y\nZ: a'],
    ['RFC 9112 §2.2', 'X: y\rZ: a'],
    ['RFC 9110 §5.5', 'X: \0'],
    ['RFC 9110 §5.5', 'X: \x7f'],
    ['RFC 9110 §5.1', 'X(: y'],
    ['RFC 9110 §5.1', 'X\u00e9: y'],
    ['RFC 9110 §5.3', 'Content-Type: a/b\r\nContent-Type: c/d'],
    ['RFC 9112 §6.3 rule 5', 'Content-Length: 5\r\nContent-Length: 5'],
    ['RFC 9112 §6.3 rule 5', 'Content-Length: 5\r\nContent-Length: 6'],
    ['RFC 9110 §8.6', 'Content-Length: 5, 5'],
    ['RFC 9110 §8.6', 'Content-Length: +5'],
    ['RFC 9110 §8.6', 'Content-Length: 05'],
    ['RFC 9110 §8.6', 'Content-Length: 0x5'],
    ['RFC 9110 §8.6', 'Content-Length:'],
    ['RFC 9110 §8.6', 'Content-Length: 9007199254740993'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: xchunked'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: gzip, chunked'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: chunked, identity'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: identity'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: chunked\t'],
    ['RFC 9112 §6.1', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
    ['RFC 9112 §6.3 rule 3', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['RFC 9112 §6.3 rule 3', 'Transfer-Encoding: chunked\r\nContent-Length: 5'],
  ];
  for (const [section, lines] of refused) {
    it(`refuses ${JSON.stringify(lines)} (${section})`, () => {
      assert.notEqual(parse('HTTP/1.1 200 OK', lines), null);
    });
  }

  it('refuses a coding in HTTP/1.0 (RFC 9112 §6.1)', () => {
    assert.notEqual(parse('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'), null);
  });

  it('bounds the number of fields', () => {
    const { headerCount } = RESPONSE_HEAD_LIMITS;
    assert.equal(parse('HTTP/1.1 200 OK', ...Array.from({ length: headerCount }, () => 'X: y')), null);
    assert.notEqual(parse('HTTP/1.1 200 OK', ...Array.from({ length: headerCount + 1 }, () => 'X: y')), null);
  });

  it('keeps order, spelling and repetition (RFC 9110 §5.3)', () => {
    assert.equal(parse('HTTP/1.1 200 OK', 'set-cookie: a', 'X: \x80', 'Set-Cookie: b', 'x_y: dropped'), null);
    assert.deepEqual(
      head.headers.names.map(({ spelling }, i) => [spelling, head.headers.values[i]]),
      [
        ['set-cookie', 'a'],
        ['X', '\x80'],
        ['Set-Cookie', 'b'],
      ],
    );
  });
});

describe('ResponseHead: body', () => {
  const bodiless: readonly [status: number, method: string, isBodiless: boolean][] = [
    [100, 'GET', true],
    [101, 'GET', true],
    [103, 'POST', true],
    [204, 'GET', true],
    [304, 'GET', true],
    [200, 'HEAD', true],
    [500, 'HEAD', true],
    [200, 'GET', false],
    [205, 'GET', false],
    [206, 'GET', false],
    [303, 'GET', false],
    [404, 'POST', false],
  ];
  for (const [status, method, isBodiless] of bodiless) {
    it(`${isBodiless ? 'has none' : 'has one'}: ${status} to ${method} (RFC 9112 §6.3 rule 1)`, () => {
      assert.equal(parse(`HTTP/1.1 ${status} X`, 'Content-Length: 5'), null);
      assert.equal(head.isBodiless(method), isBodiless);
    });
  }

  it('ends where the length says (RFC 9112 §6.3 rule 6)', () => {
    assert.equal(parse('HTTP/1.1 200 OK', 'Content-Length: 5'), null);
    assert.equal(head.framing.responseLength, 5);
    assert.equal(parse('HTTP/1.1 200 OK', 'Content-Length: 0'), null);
    assert.equal(head.framing.responseLength, 0);
  });

  it('ends where the chunks do (RFC 9112 §6.3 rule 4)', () => {
    assert.equal(parse('HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked'), null);
    assert.equal(head.framing.responseLength, -1);
  });

  it('ends with the connection if nothing says otherwise (RFC 9112 §6.3 rule 8)', () => {
    assert.equal(parse('HTTP/1.1 200 OK', 'Content-Type: a/b'), null);
    assert.equal(head.framing.responseLength, UNTIL_CLOSE);
    assert.equal(parse('HTTP/1.1 200 OK', 'Transfer_Encoding: chunked', 'Content_Length: 5'), null);
    assert.equal(head.framing.responseLength, UNTIL_CLOSE);
  });
});

describe('ResponseHead: persistence', () => {
  const rows: readonly [version: string, connection: string, mayPersist: boolean][] = [
    ['1.1', '', true],
    ['1.1', 'keep-alive', true],
    ['1.1', 'close', false],
    ['1.1', 'CLOSE', false],
    ['1.1', 'x, Close', false],
    ['1.1', 'close, keep-alive', false],
    ['1.0', '', false],
    ['1.0', 'keep-alive', true],
    ['1.0', 'Keep-Alive', true],
    ['1.0', 'close', false],
    ['1.0', 'keep-alive, close', false],
  ];
  for (const [version, connection, mayPersist] of rows) {
    it(`HTTP/${version} with Connection ${JSON.stringify(connection)}: ${mayPersist} (RFC 9112 §9.3)`, () => {
      assert.equal(parse(`HTTP/${version} 200 OK`, 'Content-Length: 0', `Connection: ${connection}`), null);
      assert.equal(head.mayPersist, mayPersist);
    });
  }
});
