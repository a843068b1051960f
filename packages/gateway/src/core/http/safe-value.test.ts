import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { fieldValue, listValue } from './safe-value.ts';

describe('a text as the value of a field', () => {
  const table: readonly (readonly [text: string, value: string | null])[] = [
    ['alice', 'alice'],
    ['', ''],
    ['auth0|5f7c8ec7', 'auth0|5f7c8ec7'],
    ['CN=warehouse,O="Example; Inc"', 'CN=warehouse,O="Example;%20Inc"'],
    ['spiffe://example.org/ns/prod', 'spiffe://example.org/ns/prod'],
    ['Zoë', 'Zo%C3%AB'],
    ['李雷', '%E6%9D%8E%E9%9B%B7'],
    ['😀', '%F0%9F%98%80'],
    ['100%', '100%25'],
    ['a%20b', 'a%2520b'],
    ['a b', 'a%20b'],
    [' a\t', '%20a%09'],
    ['a\r\nX-Identity-Plan: gold', 'a%0D%0AX-Identity-Plan:%20gold'],
    ['\0\u001f\u007f', '%00%1F%7F'],
    ['\u0080\u009f\u00a0', '%C2%80%C2%9F%C2%A0'],
    ['\u2028', '%E2%80%A8'],
    ['\ud800', null],
    ['a\udc00b', null],
    ['x'.repeat(1024), 'x'.repeat(1024)],
    ['x'.repeat(1025), null],
    ['ä'.repeat(170), '%C3%A4'.repeat(170)],
    ['ä'.repeat(171), null],
  ];
  for (const [text, value] of table) {
    it(`is ${shown(value)} for ${shown(text)}`, () => assert.equal(fieldValue(text), value));
  }

  it('has visible ASCII only, and gives the text again when it is decoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        const value = fieldValue(text);
        if (value === null) return;
        assert.match(value, /^[\x21-\x7e]*$/);
        assert.equal(decodeURIComponent(value), text);
      }),
    );
  });
});

describe('several texts as one value', () => {
  it('are separated by spaces, and none can look like two', () => {
    assert.equal(listValue(['orders:read', 'a admin', 'ü']), 'orders:read a%20admin %C3%BC');
    assert.equal(listValue([]), '');
  });

  it('must fit together', () => {
    assert.equal(listValue(['x'.repeat(512), 'y'.repeat(511)])?.length, 1024);
    assert.equal(listValue(['x'.repeat(512), 'y'.repeat(512)]), null);
    assert.equal(listValue(['fine', '\ud800']), null);
  });
});

function shown(text: string | null): string {
  const json = JSON.stringify(text);
  return json.length < 60 ? json : `${json.slice(0, 20)}… (${json.length - 2})`;
}
