/** Heads that are made to be valid come out as they went in, whole or piece by piece. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { headersOf, type Headers } from '../../core/headers.ts';
import { headEnd, mayBecomeHead } from './head-scan.ts';
import { RequestHead } from './request-head.ts';
import { ResponseHead } from './response-head.ts';

const LIMITS = { headerBytes: 32 * 1024, headerCount: 100, targetBytes: 8 * 1024 };
const HOST: Line = { name: 'Host', value: 'a.example', before: ' ', after: '', underscored: false };
const RUNS = { numRuns: 5000 };

/** Fields that the parser only passes on, in any spelling, next to those that it acts on. */
const tokenCharacter = fc.constantFrom(..."!#$%&'*+-.^`|~0123456789abcXYZ".split(''));
const name = fc.oneof(
  fc.string({ unit: tokenCharacter, minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    'Accept',
    'Cookie',
    'cookie',
    'COOKIE',
    'Via',
    'X-Forwarded-For',
    'X-Request-Id',
    'TE',
    'Range',
    'constructor',
    '-',
  ),
);
const valueByte = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) },
  { weight: 2, arbitrary: fc.constantFrom(0x20, 0x09) },
  { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
);
const value = fc
  .array(valueByte, { maxLength: 30 })
  .map((bytes) => String.fromCharCode(...bytes).replace(/^[ \t]+|[ \t]+$/g, ''));
const blanks = fc.oneof({ weight: 6, arbitrary: fc.constant(' ') }, fc.constantFrom('', '\t', '  ', ' \t '));
const blanksAfter = fc.oneof({ weight: 6, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\t', '\t  '));
const field = fc.record({ name, value, before: blanks, after: blanksAfter, underscored: fc.boolean() });

type Line = { name: string; value: string; before: string; after: string; underscored: boolean };
const fields: fc.Arbitrary<Line[]> = fc.array(field, { maxLength: 12 }).map((lines) =>
  // A few names only with an underscore: they have to disappear without a trace.
  lines.map((line, i) => ({ ...line, underscored: line.underscored && i % 3 === 0 })),
);

const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'M-SEARCH', 'get');
const pathCharacter = fc.constantFrom(..."abcXYZ019-.~_!$&'()*+,:@=/".split(''));
const path = fc
  .string({ unit: pathCharacter, maxLength: 20 })
  .filter((path) => !/(?:^|\/)\.\.?(?:\/|$)|\/\/|^\//.test(path))
  .map((path) => `/${path}`);
const query = fc.constantFrom('', '?', '?a=b', '?/../%zz', '?a?b');
const start = fc.record({ method, path, query });

/** The field as a line of a head. */
function lineOf({ name, value, before, after, underscored }: Line): string {
  return `${name}${underscored ? '_' : ''}:${before}${value}${after}\r\n`;
}

function fieldsOf({ names, values }: Headers): (string | undefined)[][] {
  return names.map(({ spelling }, i) => [spelling, values[i]]);
}

function kept(lines: readonly Line[]): [string, string][] {
  return lines.filter(({ underscored }) => !underscored).map(({ name, value }) => [name, value]);
}

describe('heads: properties', () => {
  it('gives the fields of a valid request back in order, spelling and repetition (RFC 9110 §5.3)', () => {
    const head = new RequestHead();
    fc.assert(
      fc.property(
        start,
        fields,
        fc.nat({ max: 12 }),
        fc.string({ maxLength: 5 }),
        (line, lines, at, noise) => {
          const { method, path, query } = line;
          const all = lines.toSpliced(at, 0, HOST);
          const text = `${method} ${path}${query} HTTP/1.1\r\n${all.map(lineOf).join('')}\r\n`;
          const bytes = Buffer.from(`${noise}${text}Host: x\r\n\r\n`, 'latin1');
          const end = noise.length + text.length;
          assert.equal(headEnd(bytes, noise.length, bytes.length), end);
          assert.equal(head.parse(bytes, noise.length, end, LIMITS), null);
          assert.deepEqual(fieldsOf(head.headers), kept(all));
          assert.deepEqual([head.method, head.path, head.query], [method, path, query]);
          // What goes on is what a writer would make of the fields, though parts of it are copied as they came.
          assert.equal(head.headers.endToEndLines(), headersOf(...kept(all)).endToEndLines());
        },
      ),
      RUNS,
    );
  });

  it('gives the fields of a valid response back in order, spelling and repetition (RFC 9110 §5.3)', () => {
    const head = new ResponseHead();
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), value, fields, (status, reason, lines) => {
        const text = `HTTP/1.1 ${status} ${reason}\r\n${lines.map(lineOf).join('')}\r\n`;
        const bytes = Buffer.from(text, 'latin1');
        assert.equal(head.parse(bytes, 0, bytes.length), null);
        assert.equal(head.status, status);
        assert.deepEqual(fieldsOf(head.headers), kept(lines));
        assert.equal(head.headers.endToEndLines(), headersOf(...kept(lines)).endToEndLines());
      }),
      RUNS,
    );
  });

  it('never gives up on the beginning of a valid head, nor finds its end too early (RFC 9112 §2.1)', () => {
    fc.assert(
      fc.property(start, fields, ({ method, path, query }, lines) => {
        const text = `${method} ${path}${query} HTTP/1.1\r\nHost: a\r\n${lines.map(lineOf).join('')}\r\n`;
        const bytes = Buffer.from(text, 'latin1');
        for (let to = 0; to < bytes.length; to++) {
          assert.equal(headEnd(bytes, 0, to), -1);
          assert.ok(mayBecomeHead(bytes, 0, to), `gave up after ${to} bytes`);
        }
        assert.equal(headEnd(bytes, 0, bytes.length), bytes.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses no head that it would have waited for less strictly: what it gave up on, the parser refuses too', () => {
    const head = new RequestHead();
    const edit = fc.tuple(
      fc.nat({ max: 200 }),
      fc.constantFrom('\r', '\n', '\0', ' ', '\t', '\x7f', ':', '\r\n ', '\xff', ''),
      fc.nat({ max: 1 }),
    );
    fc.assert(
      fc.property(fields, fc.array(edit, { minLength: 1, maxLength: 3 }), (lines, edits) => {
        const valid = `GET / HTTP/1.1\r\nHost: a\r\n${lines.map(lineOf).join('')}`;
        const text = edits.reduce((text, [place, inserted, removed]) => {
          const from = place % (text.length + 1);
          return text.slice(0, from) + inserted + text.slice(from + removed);
        }, valid);
        const bytes = Buffer.from(`${text}\r\n\r\n`, 'latin1');
        const end = headEnd(bytes, 0, bytes.length);
        const isHopeless = Array.from({ length: end }, (_, to) => to).some(
          (to) => !mayBecomeHead(bytes, 0, to),
        );
        if (isHopeless) assert.notEqual(head.parse(bytes, 0, end, LIMITS), null);
      }),
      RUNS,
    );
  });
});
