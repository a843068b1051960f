import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { latin1 } from '../../core/latin1.ts';
import { ChunkedDecoder } from './chunked.ts';

interface Decoded {
  readonly verdict: 'more' | 'done' | 'bad';
  readonly data: string;
  readonly trailers: readonly string[];
  /** Bytes taken, if it is done. */
  readonly taken: number;
}

/** Hands the bytes over in the given pieces, each amid bytes that are none of the decoder's business. */
function decode(text: string, cuts: readonly number[] = [], around = '0\r\n\r\n'): Decoded {
  const decoder = new ChunkedDecoder();
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < text.length), text.length])].sort(
    (a, b) => a - b,
  );
  let data = '';
  let start = 0;
  for (const end of ends) {
    const bytes = Buffer.from(around + text.slice(start, end) + around, 'latin1');
    const to = bytes.length - around.length;
    let at = around.length;
    for (;;) {
      const verdict = decoder.next(bytes, at, to);
      if (verdict === 'more') {
        assert.equal(decoder.at, to);
        break;
      }
      if (verdict === 'bad') return { verdict, data, trailers: [], taken: 0 };
      assert.ok(decoder.at >= at && decoder.at <= to);
      at = decoder.at;
      if (verdict === 'done') {
        const { trailers } = decoder;
        const lines = trailers?.names.map((name, i) => `${name.spelling}: ${trailers.values[i]}`) ?? [];
        return { verdict, data, trailers: lines, taken: start + at - around.length };
      }
      assert.ok(decoder.dataStart < decoder.dataEnd && decoder.dataEnd === at);
      data += latin1(bytes, decoder.dataStart, decoder.dataEnd);
    }
    start = end;
  }
  return { verdict: 'more', data, trailers: [], taken: 0 };
}

function everywhere(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => at);
}

describe('ChunkedDecoder', () => {
  const good: readonly [section: string, text: string, data: string][] = [
    ['§7.1', '0\r\n\r\n', ''],
    ['§7.1', '5\r\nabcde\r\n0\r\n\r\n', 'abcde'],
    ['§7.1', '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', 'abc'],
    [
      '§7.1: hexadecimal in both cases',
      'a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n',
      '01234567890123456789',
    ],
    ['§7.1: leading zeros', '00000005\r\nabcde\r\n00000000\r\n\r\n', 'abcde'],
    ['§7.1: data of line ends', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
    ['§7.1: data like a last chunk', '5\r\n0\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n'],
    ['§7.1.1: extensions that nobody knows', '5;a\r\nabcde\r\n0;b\r\n\r\n', 'abcde'],
    ['§7.1.1: extensions with values', '1;a=b;c="d \\" \\\\ é;=";e\r\nx\r\n0;f=""\r\n\r\n', 'x'],
    ['§7.1.1: 64 bytes of extensions', `1;${'a'.repeat(63)}\r\nx\r\n0\r\n\r\n`, 'x'],
    ['§7.1: any bytes as data', '4\r\n\0\xff\x7f\n\r\n0\r\n\r\n', '\0\xff\x7f\n'],
  ];
  for (const [section, text, data] of good) {
    it(`decodes ${JSON.stringify(text)} (RFC 9112 ${section})`, () => {
      const expected: Decoded = { verdict: 'done', data, trailers: [], taken: text.length };
      assert.deepEqual(decode(text), expected);
      assert.deepEqual(decode(text, everywhere(text)), expected);
    });
  }

  const bad: readonly [section: string, texts: readonly string[]][] = [
    [
      '§7.1: a chunk size is one to eight digits',
      ['0x5', '0X5', '+5', '-5', '-0', '5 ', ' 5', '5\t', '\t5', '', ' ', 'g', '5g', '000000005', 'fffffffff', '100000000', '5,', '5.0', '5_0', '\x005', '5\0', '5\xa0', '\xb2']
        .map((size) => `${size}\r\nabcde\r\n0\r\n\r\n`),
    ], // prettier-ignore
    [
      '§7.1.1: extensions that are none, or too much',
      ['5;', ';a', '5 ;a', '5; a', '5;a ', '5;a =b', '5;a= b', '5 ; a = b', '0;', '5;;a', '5;a;', '5;=b', '5;a=', '5;a=;b', '5;a==b', '5;a=b=c', '5;a="b', '5;a="b"c', '5;a="b"=c', '5;a="b\\', '5;a="\0"', '5;a="\x7f"', '5;a="\\\0"', '5;\n', '5;\r', '5;a\rX', '5;a\n', '5;a="\n"', '5;a="\r\n"', '5;a[=b', '5;a=b]', '5;\0a', '5;é', `5;${'a'.repeat(64)}`, `5;a="${'a'.repeat(10_000)}"`]
        .map((size) => `${size}\r\nabcde\r\n0\r\n\r\n`),
    ], // prettier-ignore
    [
      '§2.2: no bare LF or CR after the size',
      [
        '5\nabcde\r\n',
        '5\rabcde\r\n',
        '5\r\rabcde',
        '5\r\r\nabcde',
        '\n5\r\n',
        '\r\n5\r\n',
        '0\n\n',
        '0\n\r\n',
      ],
    ],
    [
      '§7.1: CRLF after the data',
      [
        '5\r\nabcde\n0',
        '5\r\nabcde\r0',
        '5\r\nabcde0',
        '5\r\nabcdefg0',
        '5\r\nabcdeXX0\r\n',
        '5\r\nabcdef\r\n',
        '5\r\nabcd\r\n0\r\n',
        '5\r\nabcde\n\r',
        '5\r\nabcde\r\r\n',
        '5\r\nabcde\r\n\r\n0',
      ],
    ],
    [
      '§7.1: the empty line after the last chunk',
      ['0\r\n\n', '0\r\n\rX', '0\r\n\r\r\n', '0\r\n \r\n\r\n', '0\r\n\0'],
    ],
    ['funky chunks: TERM.EXT', ['2;\nxx\r\n', '2;\rxx\r\n', '2\n;xx\r\n', '2\r;xx\r\n']],
    ['funky chunks: EXT.TERM', ['4c;a\nxx\r\n', '4c;a\rxx\r\n', '0;a\n\r\n\r\n']],
    ['funky chunks: TERM.SPILL', ['5\r\nabcde\n2c\r\n', '5\r\nabcde\r2c\r\n', '1\r\na\r0\r\n\r\n']],
    [
      'funky chunks: SPILL.TERM',
      ['5\r\nabcdeX\r\n', '5\r\nabcdeXY\r\n', '5\r\nabcdeXY2c\r\n', '1\r\naX\n0\r\n\r\n'],
    ],
    [
      '§7.1.2: trailers are as strict as headers',
      ['X : y', 'X', ': y', ' X: y', '\tX: y', 'X: a\nb', 'X: a\rb', 'X: \0', 'X: \x7f', 'X: y\r\n z', 'X[]: y', 'X\xe9: y', 'X_ : y', 'X: y\n', 'X: y\r', `${'n'.repeat(257)}: y`]
        .map((line) => `0\r\n${line}\r\n\r\n`),
    ], // prettier-ignore
    [
      'RFC 9110 §6.5.1: no framing, routing or authentication in trailers',
      ['Content-Length: 5', 'content-length: 0', 'Transfer-Encoding: chunked', 'Host: a', 'Authorization: a', 'Content-Type: a/b', 'Connection: close', 'Expect: 100-continue', 'Upgrade: h2c', 'Keep-Alive: a']
        .map((line) => `0\r\nX: y\r\n${line}\r\n\r\n`),
    ], // prettier-ignore
    ['RFC 6585 §5: 33 trailers', [`0\r\n${'X: y\r\n'.repeat(33)}\r\n`]],
    [
      'RFC 6585 §5: more than 8 KiB of trailers',
      [`0\r\nA: ${'a'.repeat(5000)}\r\nB: ${'b'.repeat(5000)}\r\n\r\n`, `0\r\nA: ${'a'.repeat(9000)}`],
    ],
  ];
  for (const [section, texts] of bad) {
    const rfc = section.startsWith('§') ? `RFC 9112 ${section}` : section;
    for (const text of texts) {
      it(`refuses ${JSON.stringify(text.slice(0, 60))} (${rfc})`, () => {
        assert.equal(decode(text).verdict, 'bad');
        assert.equal(decode(text, everywhere(text)).verdict, 'bad');
      });
    }
  }

  it('reads no more extensions than data, but for 16 KiB (RFC 9112 §7.1.1)', () => {
    const chunk = (data: string) => `${data.length.toString(16)};${'a'.repeat(63)}\r\n${data}\r\n`;
    assert.equal(decode(chunk('x').repeat(250)).verdict, 'more');
    assert.equal(decode(chunk('x').repeat(300)).verdict, 'bad');
    assert.equal(decode(chunk('x'.repeat(64)).repeat(1000)).verdict, 'more');
  });

  it('stays bad (RFC 9112 §7.1)', () => {
    const decoder = new ChunkedDecoder();
    const bytes = Buffer.from('x0\r\n\r\n');
    assert.equal(decoder.next(bytes, 0, bytes.length), 'bad');
    assert.equal(decoder.next(bytes, 1, bytes.length), 'bad');
  });

  it('reads trailers in order, and leaves out what they must not say (RFC 9110 §6.5.1)', () => {
    const fields = [
      'grpc-status: 0',
      'Cookie: a',
      'X:y',
      'Set-Cookie: a',
      'Cache-Control: a',
      'X: z ',
      'X-Forwarded-For: a',
      'TE: a',
      'x_y: a',
      'Max-Forwards: 1',
      'Content-Encoding: gzip',
      'WWW-Authenticate: Basic',
      'X-HTTP-Method-Override: DELETE',
      'X-API-Key: a',
    ];
    const { verdict, trailers } = decode(`0\r\n${fields.join('\r\n')}\r\n\r\n`);
    assert.equal(verdict, 'done');
    assert.deepEqual(trailers, ['grpc-status: 0', 'X: y', 'X: z']);
  });

  it('says that there are none if all were left out', () => {
    const decoder = new ChunkedDecoder();
    const bytes = Buffer.from('0\r\nCookie: a\r\n\r\n');
    assert.equal(decoder.next(bytes, 0, bytes.length), 'done');
    assert.equal(decoder.trailers, null);
  });

  it('stops at the end of the body and leaves what follows (RFC 9112 §9.3.2)', () => {
    const body = '5\r\nabcde\r\n0\r\nX: y\r\n\r\n';
    const { verdict, taken } = decode(`${body}GET / HTTP/1.1\r\n\r\n`);
    assert.deepEqual([verdict, taken], ['done', body.length]);
  });

  it('takes the largest size that eight digits can say, without waiting for all of it', () => {
    const { verdict, data } = decode('ffffffff\r\nabc');
    assert.deepEqual([verdict, data], ['more', 'abc']);
  });
});

describe('ChunkedDecoder: properties', () => {
  const octets = fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes).toString('latin1'));
  const extension = fc.constantFrom('', ';a', ';a=b', ';a="b;c"', ';a;b=""');
  const size = fc.record({ zeros: fc.nat({ max: 6 }), isUpper: fc.boolean(), extension });
  const chunk = fc.tuple(octets, size);
  const trailer = fc.constantFrom('X: y', 'grpc-status: 0', 'Y:', 'Z: a b\tc', 'x: \xff');
  const body = fc.record({
    chunks: fc.array(chunk, { maxLength: 6 }),
    trailers: fc.array(trailer, { maxLength: 3 }),
  });
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });
  const rest = fc.constantFrom('', '\r\n', '0\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'X: y\r\n\r\n', '\0');
  const around = fc.constantFrom('', '\r\n', '0\r\n\r\n', 'abc', '\n', ':');

  type Size = { zeros: number; isUpper: boolean; extension: string };
  type Model = { chunks: [string, Size][]; trailers: string[] };

  function serialise({ chunks, trailers }: Model): string {
    const parts = chunks.map(([data, { zeros, isUpper, extension: extra }]) => {
      const hex = '0'.repeat(zeros) + data.length.toString(16);
      return `${isUpper ? hex.toUpperCase() : hex}${extra}\r\n${data}\r\n`;
    });
    return `${parts.join('')}0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`;
  }

  it('gives the data and the trailers back, however the bytes are cut, and takes nothing that follows', () => {
    fc.assert(
      fc.property(body, cuts, rest, around, (model, at, after, noise) => {
        const text = serialise(model);
        const expected: Decoded = {
          verdict: 'done',
          data: model.chunks.map(([data]) => data).join(''),
          trailers: model.trailers.map((line) => line.replace(/:\s*/, ': ')),
          taken: text.length,
        };
        assert.deepEqual(decode(text + after, [], noise), expected);
        assert.deepEqual(decode(text + after, at, noise), expected);
        assert.deepEqual(decode(text + after, everywhere(text), noise), expected);
      }),
      { numRuns: 3000 },
    );
  });

  it('comes to the same verdict however the bytes are cut', () => {
    const edit = fc.tuple(
      fc.nat({ max: 300 }),
      fc.constantFrom('', '\r', '\n', '\r\n', '\0', ' ', '\t', '0', ';', '=', '"', ':', 'f', 'x'),
      fc.nat({ max: 2 }),
    );
    fc.assert(
      fc.property(body, fc.array(edit, { minLength: 1, maxLength: 3 }), cuts, (model, edits, at) => {
        const text = edits.reduce((text, [place, inserted, removed]) => {
          const from = place % (text.length + 1);
          return text.slice(0, from) + inserted + text.slice(from + removed);
        }, serialise(model));
        const whole = decode(text);
        assert.deepEqual(decode(text, at), whole);
        assert.deepEqual(decode(text, everywhere(text)), whole);
      }),
      { numRuns: 5000 },
    );
  });
});
