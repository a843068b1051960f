import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { JsonScanner } from './json-scanner.ts';

/** What a scanner with this limit says of a text that comes in these pieces. */
function verdict(maxDepth: number, ...pieces: readonly (string | Uint8Array)[]): string {
  const scanner = new JsonScanner(maxDepth);
  for (const piece of pieces) {
    const found = scanner.scan(Buffer.from(piece as string));
    if (found !== null) return found.reason;
  }
  return 'fine';
}

/** Nesting of a value, said plainly. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('JsonScanner', () => {
  const table: readonly (readonly [text: string, depth: number])[] = [
    ['', 0],
    ['1', 0],
    ['"[[["', 0],
    ['[]', 1],
    ['{}', 1],
    ['[[]]', 2],
    ['{"a":{"b":[1]}}', 3],
    ['[[],[],{}]', 2],
    ['["[", "]", "{"]', 1],
    [String.raw`["\"[", "\\", ["\\\""]]`, 2],
    [String.raw`["\u005b[["]`, 1],
    ['[1] [2] [3]', 1],
    // What is no JSON is counted as well.
    [']]]][[', 2],
    ['[[[', 3],
    ['{]{]', 1],
    ['\ufeff[[', 2],
  ];
  for (const [text, depth] of table) {
    it(`finds ${depth} in ${text}, however it is cut`, () => {
      const bytes = Buffer.from(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        assert.equal(verdict(depth, ...pieces), 'fine');
        if (depth > 0) assert.equal(verdict(depth - 1, ...pieces), 'jsonDepth');
      }
    });
  }

  it('finds what JSON.parse builds, in whatever pieces it comes', () => {
    const spaced = fc.tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom('', '\t', '  '));
    const cuts = fc.array(fc.nat(200), { maxLength: 6 });
    fc.assert(
      fc.property(spaced, cuts, ([value, space], at) => {
        const bytes = Buffer.from(JSON.stringify(value, null, space));
        const depth = depthOf(JSON.parse(bytes.toString()));
        const ends = [...at.map((end) => Math.min(end, bytes.length)), bytes.length];
        ends.sort((one, other) => one - other);
        const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
        assert.ok(Buffer.concat(pieces).equals(bytes));
        assert.equal(verdict(depth, ...pieces), 'fine');
        if (depth > 0) assert.equal(verdict(depth - 1, ...pieces), 'jsonDepth');
      }),
    );
  });

  it('finds what JSON.parse builds of texts full of quotes and backslashes', () => {
    const text = fc.string({ unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', 'u', ' ') });
    const value = fc.array(fc.oneof(text, fc.array(text), fc.dictionary(text, fc.array(text))));
    fc.assert(
      fc.property(value, fc.nat(60), (made, cut) => {
        const bytes = Buffer.from(JSON.stringify(made));
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        const depth = depthOf(made);
        assert.equal(verdict(depth, ...pieces), 'fine');
        assert.equal(verdict(depth - 1, ...pieces), 'jsonDepth');
      }),
    );
  });

  it('refuses every text in an encoding of two or four bytes', () => {
    const texts = ['[[1]]', '{"a":[]}', '"\u225b"', ' [1]', '12'];
    for (const text of texts) {
      const little = Buffer.from(text, 'utf16le');
      const big = Buffer.from(little).swap16();
      const wide = Buffer.from(Uint32Array.from(text, (char) => char.charCodeAt(0)).buffer);
      for (const bytes of [little, big, wide, Buffer.from(wide).swap32()]) {
        assert.equal(verdict(10, bytes), 'not-utf-8');
        assert.equal(verdict(10, ...Array.from(bytes, (byte) => Buffer.of(byte))), 'not-utf-8');
        const mark = Buffer.from(bytes === big ? [0xfe, 0xff] : [0xff, 0xfe]);
        assert.equal(verdict(10, mark, bytes), 'not-utf-8');
      }
    }
  });
});
