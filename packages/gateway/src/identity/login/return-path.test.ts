import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { returnPath } from './return-path.ts';

/** A browser at our page resolves what `Location` says against it. */
const HERE = 'https://app.example.com/_auth/callback';

describe('the path to return to', () => {
  for (const path of [
    '/',
    '/orders',
    '/orders?id=1&next=//x',
    '/a/b;c=1',
    '/%2F%2Fevil.example',
    '/@evil.example',
  ]) {
    it(`is ${path}, which is ours`, () => {
      assert.equal(returnPath(path), path);
      assert.equal(new URL(path, HERE).origin, 'https://app.example.com');
    });
  }

  const TRICKS = [
    '',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/ok\r\nSet-Cookie: a=b',
    '/ok\0',
    '/caf\u00e9',
    '/a\\b',
    'https://evil.example/',
    'HTTPS:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    '.evil.example',
    '@evil.example',
    '?next=/',
    '#',
    `/${'a'.repeat(2048)}`,
  ];
  for (const trick of TRICKS) {
    it(`is the front page in place of ${JSON.stringify(trick.slice(0, 40))}`, () => {
      assert.equal(returnPath(trick), '/');
    });
  }

  it('leads nowhere else, whatever it is', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '\t',
      '\n',
      ' ',
      '.',
      '@',
      ':',
      '?',
      '#',
      'evil.example',
      'https:',
      '%2f',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        assert.equal(new URL(returnPath(pieces.join('')), HERE).origin, 'https://app.example.com');
      }),
      { numRuns: 2000 },
    );
  });
});
