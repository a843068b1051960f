import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { ErrorCode } from '../../core/errors.ts';
import { RequestHead } from './request-head.ts';

const LIMITS = { headerBytes: 32 * 1024, headerCount: 100, targetBytes: 8 * 1024 };
const HOST = 'Host: a.example';

const head = new RequestHead();

type Row = readonly [section: string, what: string, lines: string];

/** Reads the lines, which end with CRLF, as a head. */
function parse(...lines: readonly string[]): ErrorCode | null {
  const bytes = Buffer.from([...lines, '', ''].join('\r\n'), 'latin1');
  return head.parse(bytes, 0, bytes.length, LIMITS);
}

function naming(count: number): string {
  return `Connection: ${'a,'.repeat(count)}`;
}

function pairs(): string[] {
  return head.headers.names.map((name, i) => `${name.spelling}=${head.headers.values[i]}`);
}

function table(code: ErrorCode | null, rows: readonly Row[]): void {
  for (const [section, what, lines] of rows) {
    it(`${code ?? 'accepts'}: ${what} (${section})`, () => {
      const bytes = Buffer.from(`${lines}\r\n\r\n`, 'latin1');
      assert.equal(head.parse(bytes, 0, bytes.length, LIMITS), code);
    });
  }
}

function withHost(section: string, lines: readonly string[]): Row[] {
  return lines.map((line) => [section, JSON.stringify(line.slice(0, 60)), `${line}\r\n${HOST}`]);
}

function withLine(section: string, lines: readonly string[]): Row[] {
  return lines.map((line) => [
    section,
    JSON.stringify(line.slice(0, 60)),
    `POST / HTTP/1.1\r\n${HOST}\r\n${line}`,
  ]);
}

describe('RequestHead: request line', () => {
  table(null, [
    ...withHost('RFC 9112 §3', ['GET / HTTP/1.1', 'GET /a?b=c HTTP/1.0', "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1"]),
    ...withHost('RFC 9112 §3.2.1', ["GET /!$&'()*+,-./:=@_~ HTTP/1.1", 'GET /?a/?[]{}|"<>\\^` HTTP/1.1']),
    ...withHost('RFC 9112 §3.2.4', ['OPTIONS * HTTP/1.1', 'OPTIONS / HTTP/1.1']),
    ...withHost('RFC 9110 §9.1', [`${'M'.repeat(32)} / HTTP/1.1`, 'get / HTTP/1.1', 'QUERY / HTTP/1.1']),
  ]);
  table('BAD_REQUEST', [
    ...withHost('RFC 9112 §3: exactly two single spaces', [
      'GET  / HTTP/1.1',
      'GET /  HTTP/1.1',
      ' GET / HTTP/1.1',
      'GET / HTTP/1.1 ',
      'GET /a b HTTP/1.1',
      'GET\t/ HTTP/1.1',
      'GET /\tHTTP/1.1',
      'GET\t/\tHTTP/1.1',
      'GET / HTTP/1.1\t',
      'GET / HTTP/1.1\v',
      'GET\v/ HTTP/1.1',
      'GET\f/ HTTP/1.1',
      'GET\u00a0/ HTTP/1.1',
    ]),
    ...withHost('RFC 9112 §3: parts missing', [
      'GET',
      'GET ',
      'GET /',
      'GET / ',
      '/ HTTP/1.1',
      'HTTP/1.1',
      '',
    ]),
    ...withHost('RFC 9110 §9.1: a method is a token', [
      'GE\0T / HTTP/1.1',
      'G(T / HTTP/1.1',
      'GET: / HTTP/1.1',
      'G\u00c9T / HTTP/1.1',
      `${'M'.repeat(33)} / HTTP/1.1`,
      `${'M'.repeat(9000)} / HTTP/1.1`,
    ]),
    ...withHost('RFC 9112 §3.2: visible ASCII only', [
      'GET /\0 HTTP/1.1',
      'GET /\x01 HTTP/1.1',
      'GET /\x1f HTTP/1.1',
      'GET /\x7f HTTP/1.1',
      'GET /\x80 HTTP/1.1',
      'GET /\u00e9 HTTP/1.1',
      'GET /?\u00ff HTTP/1.1',
      'GET /a\rb HTTP/1.1',
      'GET /a\nb HTTP/1.1',
    ]),
    ...withHost('RFC 9112 §2.3: the version', [
      'GET / http/1.1',
      'GET / Http/1.1',
      'GET / HTTP/1',
      'GET / HTTP/1.',
      'GET / HTTP/.1',
      'GET / HTTP/11',
      'GET / HTTP/1.10',
      'GET / HTTP/01.1',
      'GET / HTTP/1,1',
      'GET / HTTP 1.1',
      'GET / HTTP/a.1',
      'GET / HTTP/1.a',
      'GET / HTTP/1.\u00b9',
      'GET / HTTPS/1.1',
      'GET / ICE/1.1',
      'GET / HTTP/1.1 HTTP/1.1',
      'GET / HTTP/1.1x',
      'GET / HTTP/1.1\0',
    ]),
    ...withHost('RFC 9112 §3.2: no form of a target', [
      'GET a HTTP/1.1',
      'GET ?a HTTP/1.1',
      'GET %2F HTTP/1.1',
      'GET a.example:80 HTTP/1.1',
      'GET * HTTP/1.1',
      'POST * HTTP/1.1',
      'OPTIONS ** HTTP/1.1',
      'OPTIONS *a HTTP/1.1',
      'GET ftp://a.example/ HTTP/1.1',
      'GET http:/a.example/ HTTP/1.1',
      'GET http:a.example HTTP/1.1',
      'GET http:// HTTP/1.1',
      'GET http:///a HTTP/1.1',
      'GET http://?a HTTP/1.1',
      'GET mailto:a@b HTTP/1.1',
    ]),
  ]);
  table('HTTP_VERSION', [
    ...withHost('RFC 9110 §15.6.6', [
      'GET / HTTP/0.9',
      'GET / HTTP/1.2',
      'GET / HTTP/1.9',
      'GET / HTTP/2.0',
      'GET / HTTP/2.1',
      'GET / HTTP/3.0',
      'GET / HTTP/0.0',
      'PRI * HTTP/2.0',
    ]),
  ]);
  table('BAD_PATH', [
    ...withHost('RFC 9112 §3.2.1: no fragment', [
      'GET /# HTTP/1.1',
      'GET /a#b HTTP/1.1',
      'GET /?a#b HTTP/1.1',
    ]),
    ...withHost('RFC 3986 §3.3', [
      'GET /\\ HTTP/1.1',
      'GET /%00 HTTP/1.1',
      'GET /%zz HTTP/1.1',
      'GET /../a HTTP/1.1',
    ]),
    ...withHost('RFC 3986 §3.3: absolute-form too', [
      'GET http://a.example/%00 HTTP/1.1',
      'GET http://a.example/a#b HTTP/1.1',
      'GET http://a.example/.. HTTP/1.1',
    ]),
  ]);
  table('NOT_IMPLEMENTED', [
    ...withHost('RFC 9110 §9.3.6: no CONNECT in any form', [
      'CONNECT a.example:443 HTTP/1.1',
      'CONNECT / HTTP/1.1',
      'CONNECT /a HTTP/1.1',
      'CONNECT * HTTP/1.1',
      'CONNECT http://a.example/ HTTP/1.1',
    ]),
  ]);
  table('METHOD_NOT_ALLOWED', [
    ...withHost('RFC 9110 §9.3.8: no TRACE', ['TRACE / HTTP/1.1', 'TRACE http://a.example/ HTTP/1.1']),
  ]);
  table('TARGET_TOO_LONG', [
    ...withHost('RFC 9110 §15.5.15', [
      `GET /${'a'.repeat(8192)} HTTP/1.1`,
      `GET /?${'a'.repeat(8191)} HTTP/1.1`,
      `GET http://${'a'.repeat(8192)} HTTP/1.1`,
    ]),
  ]);

  it('takes a target that is just not too long (RFC 9110 §15.5.15)', () => {
    assert.equal(parse(`GET /${'a'.repeat(8191)} HTTP/1.1`, HOST), null);
    assert.equal(head.path.length, 8192);
  });

  it('parts method, path, query and version (RFC 9112 §3)', () => {
    assert.equal(parse('PATCH /%61/../b?x=%zz&y HTTP/1.0', HOST), null);
    const { method, path, query, minor, authority, host } = head;
    assert.deepEqual(
      { method, path, query, minor, authority, host },
      { method: 'PATCH', path: '/b', query: '?x=%zz&y', minor: 0, authority: 'a.example', host: 'a.example' },
    );
  });

  it('tells an empty query from none (RFC 3986 §3.4)', () => {
    parse('GET /a? HTTP/1.1', HOST);
    assert.equal(head.query, '?');
    parse('GET /a HTTP/1.1', HOST);
    assert.equal(head.query, '');
  });

  it('reads from the middle of a buffer and not beyond its part of it', () => {
    const before = 'POST /before HTTP/1.0\r\n';
    const text = `GET /a HTTP/1.1\r\n${HOST}\r\nX: y\r\n\r\n`;
    const bytes = Buffer.from(`${before}${text}Content-Length: 5\r\n\r\n`, 'latin1');
    assert.equal(head.parse(bytes, before.length, before.length + text.length, LIMITS), null);
    assert.equal(head.path, '/a');
    assert.deepEqual(pairs(), ['Host=a.example', 'X=y']);
  });

  it('keeps nothing of the head before', () => {
    parse(
      'POST http://a.example/x?y HTTP/1.0',
      HOST,
      'Connection: keep-alive, x',
      'Content-Length: 5',
      'Expect: 100-continue',
    );
    const { headers } = head;
    assert.equal(parse('GET / HTTP/1.1', HOST), null);
    const { framing } = head;
    assert.notEqual(head.headers, headers);
    assert.deepEqual(
      [head.query, framing.requestLength, framing.expectContinue, framing.connectionNames],
      ['', 0, false, null],
    );
    assert.equal(framing.keepAlive, false);
  });
});

describe('RequestHead: absolute-form', () => {
  const accepted: readonly [target: string, hostField: string, path: string, host: string][] = [
    ['http://a.example/x', 'a.example', '/x', 'a.example'],
    ['HTTP://A.Example/x', 'a.example', '/x', 'a.example'],
    ['https://a.example:8443/x', 'A.example:8443', '/x', 'a.example'],
    ['http://a.example', 'a.example', '/', 'a.example'],
    ['http://a.example?q', 'a.example', '/', 'a.example'],
    ['http://[::1]/x', '[::1]', '/x', '[::1]'],
  ];
  for (const [target, field, path, host] of accepted) {
    it(`accepts: ${target} for Host ${field} (RFC 9112 §3.2.2)`, () => {
      assert.equal(parse(`GET ${target} HTTP/1.1`, `Host: ${field}`), null);
      assert.deepEqual([head.path, head.host, head.authority], [path, host, field]);
    });
  }

  const refused: readonly [target: string, hostField: string][] = [
    ['http://b.example/', 'a.example'],
    ['http://a.example:80/', 'a.example'],
    ['http://a.example/', 'a.example:80'],
    ['http://a.example./', 'a.example'],
    ['http://u@a.example/', 'a.example'],
    ['http://u@a.example/', 'u@a.example'],
    ['http://u:p@a.example/', 'u:p@a.example'],
    ['http://a.example\\@b/', 'a.example'],
    ['http://a.example#/', 'a.example'],
    ['http://a,b/', 'a,b'],
    ['http://[::1/', '[::1'],
  ];
  for (const [target, field] of refused) {
    it(`BAD_HOST: ${target} for Host ${field} (RFC 9112 §3.2.2)`, () => {
      assert.equal(parse(`GET ${target} HTTP/1.1`, `Host: ${field}`), 'BAD_HOST');
    });
  }

  it('takes the authority from the target of HTTP/1.0 without Host (RFC 9112 §3.2.2)', () => {
    assert.equal(parse('GET http://a.example:81/x HTTP/1.0'), null);
    assert.deepEqual([head.host, head.authority], ['a.example', 'a.example:81']);
    assert.equal(parse('GET http://u@a.example/x HTTP/1.0'), 'BAD_HOST');
  });

  it('reads OPTIONS without a path as the asterisk-form (RFC 9112 §3.2.4)', () => {
    assert.equal(parse('OPTIONS http://a.example HTTP/1.1', HOST), null);
    assert.equal(head.path, '*');
    assert.equal(parse('OPTIONS http://a.example/ HTTP/1.1', HOST), null);
    assert.equal(head.path, '/');
    assert.equal(parse('OPTIONS http://a.example?q HTTP/1.1', HOST), null);
    assert.equal(head.path, '/');
  });
});

describe('RequestHead: Host', () => {
  const valid = ['a.example', 'A.Example:8443', 'a.example.', '127.0.0.1:1', '[::1]:443', 'a_b', 'localhost'];
  table(null, [
    ...valid.map((host): Row => ['RFC 9110 §7.2', host, `GET / HTTP/1.1\r\nHost: ${host}`]),
    ['RFC 9112 §3.2', 'HTTP/1.0 without Host', 'GET / HTTP/1.0'],
    ['RFC 9110 §5.6.3', 'spaces around it', 'GET / HTTP/1.1\r\nHost:   a.example  '],
    ['RFC 9110 §5.6.3', 'no space before it', 'GET / HTTP/1.1\r\nhOST:a.example'],
  ]);
  const invalid =
    'a,b|a, b|a b|a/b|a?b|a#b|u@a|a\\b|a:|a:0|a:x|a:80:80|a:65536|a:+80|a: 80|:80|.|a..b|[::1|::1|[]|[::1]x|%61|a*|*|a"b|' +
    'http://a|\u00e9|a\u00a0|127.1|0x7f.1';
  table('BAD_HOST', [
    ['RFC 9112 §3.2', 'HTTP/1.1 without Host', 'GET / HTTP/1.1\r\nX: y'],
    ['RFC 9112 §3.2', 'HTTP/1.1 without any field', 'GET / HTTP/1.1'],
    ['RFC 9112 §3.2', 'absolute-form without Host', 'GET http://a.example/ HTTP/1.1'],
    ['RFC 9112 §3.2', 'empty', 'GET / HTTP/1.1\r\nHost:'],
    ['RFC 9112 §3.2', 'only spaces', 'GET / HTTP/1.1\r\nHost:   '],
    ['RFC 9112 §3.2', 'empty in HTTP/1.0', 'GET / HTTP/1.0\r\nHost:'],
    ['RFC 9112 §3.2', 'too long', `GET / HTTP/1.1\r\nHost: ${'a'.repeat(300)}`],
    ...invalid
      .split('|')
      .map((host): Row => ['RFC 9110 §7.2', JSON.stringify(host), `GET / HTTP/1.1\r\nHost: ${host}`]),
  ]);
  table('BAD_REQUEST', [
    ['RFC 9112 §3.2', 'two', `GET / HTTP/1.1\r\n${HOST}\r\nHost: b.example`],
    ['RFC 9112 §3.2', 'two equal', `GET / HTTP/1.1\r\n${HOST}\r\nX: y\r\nhost: a.example`],
    ['RFC 9112 §3.2', 'two in HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}\r\n${HOST}`],
    ['RFC 9112 §3.2', 'an empty and a good one', `GET / HTTP/1.1\r\nHost:\r\n${HOST}`],
    ['RFC 9112 §5.1', 'a space before its colon', 'GET / HTTP/1.1\r\nHost : a.example'],
    ['RFC 9112 §5', 'a tab beside it', 'GET / HTTP/1.1\r\nHost:\ta.example'],
  ]);
});

describe('RequestHead: fields', () => {
  table('BAD_REQUEST', [
    ...withLine('RFC 9112 §5.1: no white space before the colon', [
      'X : y',
      'X\t: y',
      'X\v: y',
      'X\u00a0: y',
      'Content-Length : 5',
    ]),
    ...withLine('RFC 9112 §5: a name, a colon', [
      ': y',
      ':',
      'X',
      'X y',
      ' : y',
      'Transfer-Encoding chunked',
      'X=y',
    ]),
    ...withLine(
      'RFC 9110 §5.1: a name is a token',
      '"(),/;<=>?@[\\]{}\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x80\u00a0\u00e9\u00ff'
        .split('')
        .map((bad) => `A${bad}B: y`),
    ),
    ...withLine('RFC 9112 §5.2: no folding', [
      'X: y\r\n z',
      'X: y\r\n\tz',
      'X:\r\n y',
      'X: y\r\n ',
      'X: y\r\n \r\nZ: a',
    ]),
    ...withLine('RFC 9112 §2.2: no bare LF', ['X: y\nZ: a', 'X: y\n', 'X\n: y', 'X:\n y', '\nX: y']),
    ...withLine('RFC 9112 §2.2: no bare CR', [
      'X: y\rZ: a',
      'X: y\r',
      'X\r: y',
      'X:\r y',
      '\rX: y',
      'X: y\r\r',
    ]),
    ...withLine(
      'RFC 9110 §5.5: no control bytes',
      Array.from({ length: 0x20 }, (_, code) => `X: a${String.fromCharCode(code)}b`).filter(
        (line) => !line.includes('\t'),
      ),
    ),
    ...withLine('RFC 9110 §5.5: no control bytes', ['X: \x7f', 'X:\0', 'X: a\0']),
    ['RFC 9112 §2.2', 'white space before the first field line', `GET / HTTP/1.1\r\n ${HOST}`],
    ['RFC 9112 §2.2', 'a tab before the first field line', `GET / HTTP/1.1\r\n\t${HOST}`],
    ['RFC 9112 §2.2', 'only white space before the first field line', `GET / HTTP/1.1\r\n \r\n${HOST}`],
    ['RFC 9112 §2.2', 'bare LF after the request line', `GET / HTTP/1.1\n${HOST}`],
    ['RFC 9112 §2.2', 'bare CR after the request line', `GET / HTTP/1.1\r${HOST}`],
    ['techniques §5.4', 'a name of 257 bytes', `GET / HTTP/1.1\r\n${HOST}\r\n${'n'.repeat(257)}: y`],
  ]);
  table('HEAD_TOO_LARGE', [
    ['RFC 6585 §5', '101 fields', `GET / HTTP/1.1\r\n${HOST}${'\r\nX: y'.repeat(100)}`],
    ['RFC 6585 §5', '101 fields that are dropped', `GET / HTTP/1.1\r\n${HOST}${'\r\nX_: y'.repeat(100)}`],
    ['RFC 6585 §5', 'a value of 8193 bytes', `GET / HTTP/1.1\r\n${HOST}\r\nX: ${'v'.repeat(8193)}`],
    ['RFC 6585 §5', 'cookies of 16385 bytes', `GET / HTTP/1.1\r\n${HOST}\r\nCookie: ${'v'.repeat(16_385)}`],
  ]);
  table(null, [
    ['RFC 6585 §5', '100 fields', `GET / HTTP/1.1\r\n${HOST}${'\r\nX: y'.repeat(99)}`],
    ['RFC 6585 §5', 'a value of 8192 bytes', `GET / HTTP/1.1\r\n${HOST}\r\nX: ${'v'.repeat(8192)}`],
    ['RFC 6585 §5', 'cookies of 16384 bytes', `GET / HTTP/1.1\r\n${HOST}\r\nCookie: ${'v'.repeat(16_384)}`],
    ['techniques §5.4', 'a name of 256 bytes', `GET / HTTP/1.1\r\n${HOST}\r\n${'n'.repeat(256)}: y`],
  ]);

  const values: readonly [line: string, value: string][] = [
    ['X:y', 'y'],
    ['X: y', 'y'],
    ['X: \t y\t \t', 'y'],
    ['X:', ''],
    ['X: ', ''],
    ['X:\t', ''],
    ['X: a b\tc', 'a b\tc'],
    ['X: :a: b:', ':a: b:'],
    ['X: "\\", ;=<>[]{}', '"\\", ;=<>[]{}'],
    ['X: \x80\u00a0\u00ff', '\x80\u00a0\u00ff'],
    ['X: \u00a0', '\u00a0'],
    ["!#$%&'*+-.^`|~09azAZ: y", 'y'],
  ];
  for (const [line, value] of values) {
    it(`reads ${JSON.stringify(line)} as ${JSON.stringify(value)} (RFC 9110 §5.5)`, () => {
      assert.equal(parse('GET / HTTP/1.1', HOST, line), null);
      assert.deepEqual(head.headers.values, ['a.example', value]);
    });
  }

  it('keeps order, spelling and repetition (RFC 9110 §5.3)', () => {
    assert.equal(parse('GET / HTTP/1.1', 'b: 1', HOST, 'A: 2', 'B: 3', 'a: 2', 'b: 1'), null);
    assert.deepEqual(pairs(), ['b=1', 'Host=a.example', 'A=2', 'B=3', 'a=2', 'b=1']);
  });

  it('drops names with underscores before it looks at them (RFC 3875 §4.1.18)', () => {
    assert.equal(
      parse(
        'POST / HTTP/1.1',
        'a_b: 1',
        HOST,
        'Content_Length: 5',
        'Transfer_Encoding: chunked',
        'HOST_: x',
        '_: y',
        'Z: 1',
      ),
      null,
    );
    assert.deepEqual(pairs(), ['Host=a.example', 'Z=1']);
    assert.equal(head.framing.requestLength, 0);
  });

  it('still refuses what is wrong in a line that it would drop (RFC 9112 §5)', () => {
    assert.equal(parse('GET / HTTP/1.1', HOST, 'a_b : 1'), 'BAD_REQUEST');
    assert.equal(parse('GET / HTTP/1.1', HOST, 'a_b: \0'), 'BAD_REQUEST');
  });

  table('BAD_REQUEST', [
    ...withLine('RFC 9110 §5.3: singletons', [
      'Authorization: a\r\nAuthorization: b',
      'Authorization: a\r\nauthorization: a',
      'Content-Type: a/b\r\nContent-Type: a/b',
      'Content-Type: a/b\r\nX: y\r\nCONTENT-TYPE: c/d',
      'DPoP: a\r\ndpop: b',
    ]),
  ]);
  table(null, [
    ...withLine('RFC 9110 §5.3: each singleton once', [
      'Content-Type: a/b\r\nDPoP: a\r\nAuthorization: a\r\nContent-Length: 0',
    ]),
    ...withLine('RFC 9110 §5.3: lists', [
      'Accept: a\r\nAccept: b',
      'Cookie: a\r\nCookie: b',
      'Via: a\r\nVia: b',
    ]),
  ]);
});

describe('RequestHead: framing', () => {
  const lengths: readonly [value: string, length: number][] = [
    ['0', 0],
    ['5', 5],
    [' 5 ', 5],
    ['10485760', 10_485_760],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ];
  for (const [value, length] of lengths) {
    it(`reads Content-Length ${JSON.stringify(value)} (RFC 9110 §8.6)`, () => {
      assert.equal(parse('POST / HTTP/1.1', HOST, `Content-Length: ${value}`), null);
      assert.equal(head.framing.requestLength, length);
      assert.equal(head.framing.chunked, false);
    });
  }
  const noLengths = [
    '5, 5', '5,5', '5, 6', '5,', ',5', '+5', '-5', '-0', '+0', '0x5', '5_0', '5 5', '5\t5', '05', '00', '', ' ', '1e3', '5.0', '5;', '"5"',
    '\u00b25', '5\v', '\f5', '5\u00a0', '\u00a05', 'five', '9007199254740992', '9007199254740993', '9999999999999999', '10000000000000000',
    '18446744073709551616', '18446744073709551621', '5'.repeat(400),
  ]; // prettier-ignore
  table('BAD_REQUEST', [
    ...withLine(
      'RFC 9110 §8.6',
      noLengths.map((value) => `Content-Length: ${value}`),
    ),
    ...withLine('RFC 9110 §5.6.3: llhttp reads tabs in one place only', [
      'Content-Length:\t5',
      'Content-Length: 5\t',
      'Content-Length: \t 5',
    ]),
    ...withLine('RFC 9112 §6.3 rule 5: two lengths', [
      'Content-Length: 5\r\nContent-Length: 5',
      'Content-Length: 5\r\nContent-Length: 6',
      'Content-Length: 0\r\nX: y\r\ncontent-length: 0',
    ]),
    ...withLine('RFC 9112 §6.3 rule 3: length and coding', [
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding: chunked\r\nContent-Length: 5',
      'Transfer-Encoding: chunked\r\nContent-Length: 0',
      'Content-Length: 5\r\nTransfer-Encoding: identity',
    ]),
  ]);

  for (const value of ['chunked', 'Chunked', 'CHUNKED', 'cHuNkEd', '  chunked  ']) {
    it(`reads Transfer-Encoding ${JSON.stringify(value)} (RFC 9112 §7)`, () => {
      assert.equal(parse('POST / HTTP/1.1', HOST, `Transfer-Encoding:${value}`), null);
      assert.equal(head.framing.chunked, true);
      assert.equal(head.framing.requestLength, -1);
    });
  }
  const noCodings = [
    'xchunked', 'chunkedx', 'chunked, identity', 'identity, chunked', 'identity', ',chunked', 'chunked,', 'chunked, chunked', 'chunked, gzip',
    'chunked;a=b', 'chunked ; a', '"chunked"', 'chunked x', '\vchunked', 'chunked\v', '\fchunked', 'chunked\f', '\tchunked', 'chunked\t',
    ' \t chunked', '\u00a0chunked', 'chunked\u00a0', '\0chunked', '', ' ', ',', 'x', 'chunke', 'gzip, identity', 'gzip;q=1', 'gzip, , chunked',
  ]; // prettier-ignore
  table('BAD_REQUEST', [
    ...withLine(
      'RFC 9112 §6.1',
      noCodings.map((value) => `Transfer-Encoding: ${value}`),
    ),
    ...withLine('RFC 9112 §6.1: two lines', [
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip',
      'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
    ]),
    ['RFC 9112 §6.1', 'chunked in HTTP/1.0', `POST / HTTP/1.0\r\n${HOST}\r\nTransfer-Encoding: chunked`],
  ]);
  table('NOT_IMPLEMENTED', [
    ...withLine(
      'RFC 9112 §6.1: codings that exist',
      [
        'gzip',
        'x-gzip',
        'GZIP',
        'deflate',
        'compress',
        'br',
        'zstd',
        'gzip, chunked',
        'gzip,deflate , chunked',
      ].map((value) => `Transfer-Encoding: ${value}`),
    ),
  ]);

  table('BODY_NOT_ALLOWED', [
    ['RFC 9110 §9.3.1', 'GET with a length', `GET / HTTP/1.1\r\n${HOST}\r\nContent-Length: 1`],
    ['RFC 9110 §9.3.1', 'GET with chunks', `GET / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked`],
    ['RFC 9110 §9.3.2', 'HEAD with a length', `HEAD / HTTP/1.1\r\n${HOST}\r\nContent-Length: 1`],
    ['RFC 9110 §9.3.2', 'HEAD with chunks', `HEAD / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked`],
  ]);
  table(null, [
    ['RFC 9110 §9.3.1', 'GET with a length of 0', `GET / HTTP/1.1\r\n${HOST}\r\nContent-Length: 0`],
    ['RFC 9110 §9.3.2', 'HEAD with a length of 0', `HEAD / HTTP/1.1\r\n${HOST}\r\nContent-Length: 0`],
    ['RFC 9110 §9.3.5', 'DELETE with a length', `DELETE / HTTP/1.1\r\n${HOST}\r\nContent-Length: 1`],
    ['RFC 9110 §9.3.7', 'OPTIONS with a length', `OPTIONS * HTTP/1.1\r\n${HOST}\r\nContent-Length: 1`],
    ['RFC 9112 §6.3 rule 7', 'POST without framing', `POST / HTTP/1.1\r\n${HOST}`],
  ]);
});

describe('RequestHead: Expect', () => {
  for (const value of ['100-continue', '100-Continue', ' 100-CONTINUE ']) {
    it(`hears Expect ${JSON.stringify(value)} (RFC 9110 §10.1.1)`, () => {
      assert.equal(parse('POST / HTTP/1.1', HOST, `Expect:${value}`, 'Content-Length: 5'), null);
      assert.equal(head.framing.expectContinue, true);
    });
  }
  table('EXPECTATION_FAILED', [
    ...withLine(
      'RFC 9110 §10.1.1',
      [
        '',
        'x',
        'y 100-continue',
        '100-continue y',
        '100-continue, y',
        '100-continue,',
        '100-continue;a',
        '200-ok',
        '100',
      ].map((value) => `Expect: ${value}`),
    ),
    ...withLine('RFC 9110 §10.1.1', ['Expect: 100-continue\r\nExpect: x']),
  ]);
  table(
    'BAD_REQUEST',
    withLine('RFC 9110 §5.5', [
      'Expect: 100-continue\v',
      'Expect: \x00100-continue',
      'Expect:\t100-continue',
    ]),
  );
});

describe('RequestHead: Connection', () => {
  const options: readonly [
    value: string,
    close: boolean,
    keepAlive: boolean,
    names: readonly string[] | null,
  ][] = [
    ['close', true, false, null],
    ['Close', true, false, null],
    ['keep-alive', false, true, null],
    ['Keep-Alive', false, true, null],
    ['close, keep-alive', true, true, null],
    ['x, CLOSE', true, false, ['x']],
    ['X-A ,\tX-B', false, false, ['x-a', 'x-b']],
    [',,', false, false, null],
    ['', false, false, null],
    ['closed', false, false, ['closed']],
    ['close\u00a0', false, false, ['close\u00a0']],
    ['keep-alive2', false, false, ['keep-alive2']],
  ];
  for (const [value, close, keepAlive, names] of options) {
    it(`hears Connection ${JSON.stringify(value)} (RFC 9110 §7.6.1)`, () => {
      assert.equal(parse('GET / HTTP/1.1', HOST, `Connection: ${value}`), null);
      const { framing } = head;
      assert.deepEqual(
        [framing.close, framing.keepAlive, framing.connectionNames],
        [close, keepAlive, names],
      );
    });
  }

  it('joins several lines (RFC 9110 §5.3)', () => {
    assert.equal(
      parse('GET / HTTP/1.1', HOST, 'Connection: a', 'Connection: close', 'Connection: keep-alive, b'),
      null,
    );
    assert.equal(head.framing.close, true);
    assert.deepEqual(head.framing.connectionNames, ['a', 'b']);
  });

  it('bounds what it may name, over all lines (RFC 6585 §5)', () => {
    assert.equal(parse('GET / HTTP/1.1', HOST, naming(32), 'Connection: keep-alive,,,,'), null);
    assert.equal(parse('GET / HTTP/1.1', HOST, naming(33)), 'HEAD_TOO_LARGE');
    assert.equal(parse('GET / HTTP/1.1', HOST, naming(16), naming(17)), 'HEAD_TOO_LARGE');
  });

  it('hears upgrade and what to (RFC 9110 §7.8)', () => {
    assert.equal(parse('GET / HTTP/1.1', HOST, 'Connection: Upgrade', 'Upgrade: WebSocket'), null);
    assert.deepEqual([head.framing.upgradeToken, head.framing.upgrade], [true, 'websocket']);
    assert.equal(parse('GET / HTTP/1.1', HOST, 'Upgrade: websocket'), null);
    assert.equal(head.framing.upgradeToken, false);
  });
});
