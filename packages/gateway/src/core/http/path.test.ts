import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import * as fc from '@turnpike/testkit/fast-check';

import { normalisePath, type NormalisedTarget } from './path.ts';

const out: NormalisedTarget = { path: '', query: '', hasQuery: false };

/** The normalised path, or the reason to refuse it. */
function normalised(target: string): string {
  return normalisePath(target, out) ?? out.path;
}

describe('normalisePath', () => {
  const accepted: [target: string, path: string][] = [
    ['/', '/'],
    ['/users/7', '/users/7'],
    ['/Users/', '/Users/'],
    ['/%61%2D%7e', '/a-~'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/a%3ab', '/a%3Ab'],
    ['//a///b//', '/a/b/'],
    ['//', '/'],
    ['/a/./b', '/a/b'],
    ['/a/b/../c', '/a/c'],
    ['/a/%2e%2E/c', '/c'],
    ['/a/.', '/a/'],
    ['/a/..', '/'],
    ['/a//../b', '/a/b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a..b/c.', '/a..b/c.'],
    ['/a;v=1/b', '/a;v=1/b'],
    ['/a|b{c}', '/a%7Cb%7Bc%7D'],
    ['/%25', '/%25'],
    ['/100%25-off', '/100%25-off'],
    ["/!$&'()*+,=:@", "/!$&'()*+,=:@"],
  ];
  for (const [target, path] of accepted) {
    it(`makes ${path} of ${target}`, () => assert.equal(normalised(target), path));
  }

  const refused: [target: string, reason: string][] = [
    ['', 'not-origin-form'],
    ['*', 'not-origin-form'],
    ['a/b', 'not-origin-form'],
    ['http://x/', 'not-origin-form'],
    ['/a b', 'forbidden-character'],
    ['/a\\b', 'forbidden-character'],
    ['/a#b', 'forbidden-character'],
    ['/a\0', 'forbidden-character'],
    ['/a\x7f', 'forbidden-character'],
    ['/é', 'forbidden-character'],
    ['/%41\u0141', 'forbidden-character'],
    ['/;\u{1f600}', 'forbidden-character'],
    ['/a?b c', 'forbidden-character'],
    ['/a?b#c', 'forbidden-character'],
    ['/a?é', 'forbidden-character'],
    ['/%41?\x01', 'forbidden-character'],
    ['/%', 'invalid-escape'],
    ['/%4', 'invalid-escape'],
    ['/%4?1', 'invalid-escape'],
    ['/%zz', 'invalid-escape'],
    ['/%%32%66', 'invalid-escape'],
    ['/%00', 'encoded-nul'],
    ['/a%2Fb', 'encoded-slash'],
    ['/a%5cb', 'encoded-slash'],
    ['/%252e%252e/', 'double-encoding'],
    ['/%25%32%46', 'double-encoding'],
    ['/a/..;/b', 'dot-segment-parameter'],
    ['/a/.;x=1/b', 'dot-segment-parameter'],
    ['/a/%2e%2e;x', 'dot-segment-parameter'],
    ['/a/..%3b/b', 'dot-segment-parameter'],
    ['/..', 'above-root'],
    ['/a/../../b', 'above-root'],
    ['/./..', 'above-root'],
  ];
  for (const [target, reason] of refused) {
    it(`refuses ${JSON.stringify(target)}: ${reason}`, () => assert.equal(normalised(target), reason));
  }

  it('keeps the query as it was written, and tells an empty one from none', () => {
    assert.equal(normalisePath('/a?x=%zz&y=/../?\\', out), undefined);
    assert.deepEqual(out, { path: '/a', query: 'x=%zz&y=/../?\\', hasQuery: true });
    assert.equal(normalisePath('/%61?', out), undefined);
    assert.deepEqual(out, { path: '/a', query: '', hasQuery: true });
    assert.equal(normalisePath('/a', out), undefined);
    assert.deepEqual(out, { path: '/a', query: '', hasQuery: false });
  });

  it('leaves the result alone when it refuses', () => {
    normalisePath('/good?q', out);
    normalisePath('/bad/%00', out);
    assert.deepEqual(out, { path: '/good', query: 'q', hasQuery: true });
  });

  it('keeps encoded slashes where that is configured, but never an encoded NUL', () => {
    assert.equal(normalisePath('/a%2fb%5c', out, 'keep'), undefined);
    assert.equal(out.path, '/a%2Fb%5C');
    assert.equal(normalisePath('/a%00', out, 'keep'), 'encoded-nul');
  });

  const pieces = '/ / . .. ; % %2e %2E %25 %2f %3b %41 %7e %c3 2 5 e a Z { | ? ~ : /./ /../ //'.split(' ');
  const piece = fc.constantFrom(...pieces);
  const target = fc.array(piece, { maxLength: 14 }).map((pieces) => `/${pieces.join('')}`);

  it('is idempotent', () => {
    fc.assert(
      fc.property(target, (text) => {
        if (normalisePath(text, out) !== undefined) return;
        const once = { ...out };
        const again = once.hasQuery ? `${once.path}?${once.query}` : once.path;
        assert.equal(normalisePath(again, out), undefined);
        assert.deepEqual(out, once);
      }),
      { numRuns: 20_000 },
    );
  });

  it('leaves nothing that another server could read as a climb, a slash or a second path', () => {
    fc.assert(
      fc.property(target, (text) => {
        if (normalisePath(text, out) !== undefined) return;
        assert.doesNotMatch(out.path, /\/\/|\/\.\.?(?:[/;]|%3B|$)|%2F|%5C|%00|%25[0-9A-Fa-f]{2}/);
        assert.match(out.path, /^\/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*$/);
      }),
      { numRuns: 20_000 },
    );
  });

  it('gives every encoding of a path the same result', () => {
    const characters = fc.array(fc.constantFrom(...'a Z 0 9 - . _ ~ /'.split(' ')), { maxLength: 12 });
    const spelling = fc.infiniteStream(fc.constantFrom('raw', 'upper', 'lower'));
    fc.assert(
      fc.property(characters, spelling, (plain, spellings) => {
        const variant = plain.map((character) => {
          const hex = character.charCodeAt(0).toString(16);
          const how = character === '/' ? 'raw' : spellings.next().value;
          return how === 'raw' ? character : `%${how === 'upper' ? hex.toUpperCase() : hex}`;
        });
        assert.equal(normalised(`/${variant.join('')}`), normalised(`/${plain.join('')}`));
      }),
      { numRuns: 20_000 },
    );
  });
});
