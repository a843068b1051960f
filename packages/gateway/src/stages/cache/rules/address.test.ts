import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressFrom } from './address.ts';

describe('addressFrom', () => {
  for (const [text, address] of [
    ['https://shop.example/a?b', 'https://shop.example/a?b'],
    ['HTTPS://Shop.Example.:443/a', 'https://shop.example/a'],
    ['http://shop.example:80', 'http://shop.example/'],
    ['http://shop.example:443/', 'http://shop.example:443/'],
    ['http://[::1]:8080/a/./b/../c', 'http://[::1]:8080/a/c'],
    ['https://shop.example?b', 'https://shop.example/?b'],
    ['https://shop.example/a?', 'https://shop.example/a?'],
    ['https://shop.example/%7ea/%c3%a4', 'https://shop.example/~a/%C3%A4'],
    ['https://shop.example/ä?ö', 'https://shop.example/%C3%A4?%C3%B6'],
    ['https://shop.example//a', 'https://shop.example/a'],
    ['/a', null],
    ['shop.example/a', null],
    ['ftp://shop.example/a', null],
    ['https://', null],
    ['https:///a', null],
    ['https://user@shop.example/', null],
    ['https://127.1/', null],
    ['https://shop.example/a#b', null],
    ['https://shop.example/a b', null],
    ['https://shop.example/%2f', null],
    ['https://shop.example/../a', null],
    [`https://shop.example/${'a'.repeat(9000)}`, null],
  ] as const) {
    it(`reads ${text.slice(0, 60)} as ${address}`, () => assert.equal(addressFrom(text), address));
  }
});
