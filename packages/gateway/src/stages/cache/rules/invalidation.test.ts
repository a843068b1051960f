import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameOriginAddress, addressOf } from './address.ts';
import { invalidatedTags } from './invalidation.ts';
import { fields } from './rules-testing.ts';
import { tagsOf } from './tags.ts';

const address = 'https://shop.example/a/b?c';

describe('invalidatedTags', () => {
  const here = `a ${address}`;
  type Row = readonly [
    section: string,
    method: string,
    status: number,
    lines: readonly string[],
    tags: readonly string[],
  ];
  const table: readonly Row[] = [
    ['RFC 9111 §4.4', 'POST', 200, [], [here]],
    ['RFC 9111 §4.4', 'PUT', 204, [], [here]],
    ['RFC 9111 §4.4', 'DELETE', 302, [], [here]],
    ['RFC 9111 §4.4', 'M-SEARCH', 200, [], [here]],
    ['RFC 9111 §4.4', 'post', 200, [], [here]],
    ['RFC 9111 §4.4', 'POST', 500, ['Location: /x'], []],
    ['RFC 9111 §4.4', 'POST', 404, [], []],
    ['RFC 9110 §9.2.1', 'GET', 200, ['Location: /x'], []],
    ['RFC 9110 §9.2.1', 'HEAD', 200, [], []],
    ['RFC 9110 §9.2.1', 'QUERY', 200, ['Content-Location: /x'], []],
    [
      'RFC 9111 §4.4',
      'POST',
      201,
      ['Location: /x', 'Content-Location: y?z'],
      [here, 'a https://shop.example/x', 'a https://shop.example/a/y?z'],
    ],
    [
      'RFC 9111 §4.4',
      'POST',
      201,
      ['Location: https://SHOP.example:443/x#f'],
      [here, 'a https://shop.example/x'],
    ],
    ['RFC 9111 §4.4', 'POST', 201, ['Location: https://other.example/x'], [here]],
    ['RFC 9111 §4.4', 'POST', 201, ['Location: http://shop.example/x'], [here]],
    ['RFC 9111 §4.4', 'POST', 201, ['Location: //shop.example:8443/x'], [here]],
    ['RFC 9111 §4.4', 'POST', 201, [`Location: /${'x'.repeat(9000)}`], [here]],
    [
      'RFC 9875 §3',
      'POST',
      200,
      ['Cache-Group-Invalidation: "one", "two"'],
      [here, 'g https://shop.example one', 'g https://shop.example two'],
    ],
    ['RFC 9875 §3', 'GET', 200, ['Cache-Group-Invalidation: "one"'], []],
    [
      'RFC 9875 §3',
      'POST',
      200,
      ['Cache-Group-Invalidation: "one", two'],
      [here, 'g https://shop.example one'],
    ],
    ['RFC 9651 §4.2', 'POST', 200, ['Cache-Group-Invalidation: "one",'], [here]],
  ];
  for (const [section, method, status, lines, tags] of table) {
    const name = lines.join(' | ').slice(0, 80);
    it(`finds ${tags.length} after ${method} ${status} ${name} (${section})`, () => {
      assert.deepEqual(invalidatedTags(method, { status, headers: fields(...lines) }, address), tags);
    });
  }
});

describe('tagsOf', () => {
  const of = (lines: readonly string[], tagsHeader: string | null = null) =>
    tagsOf(fields(...lines), { address, route: 'shop' }, { tagsHeader });
  const always = ['*', 'r shop', `a ${address}`, 'p https://shop.example/', 'p https://shop.example/a/'];

  it('has all, the route, the address and the paths above it', () => {
    assert.deepEqual(of([]), always);
  });

  const table: readonly (readonly [lines: readonly string[], tags: readonly string[]])[] = [
    [['Surrogate-Key: one two  one'], ['t one', 't two']],
    [['Cache-Tag: one,two, Two'], ['t one', 't two', 't Two']],
    [['Cache-Groups: "one", "a b"'], ['g https://shop.example one', 'g https://shop.example a b']],
    [['Cache-Groups: one'], []],
    [['X-Tags: one;two'], ['t one;two']],
    [['X-Other: one'], []],
  ];
  for (const [lines, tags] of table) {
    it(`finds ${JSON.stringify(tags)} in ${lines.join()} (RFC 9875 §2)`, () => {
      assert.deepEqual(of(lines, 'x-tags'), [...always, ...tags]);
    });
  }

  it('keeps all of a group field that every cache has to keep: 32 groups of 32 characters (RFC 9875 §2)', () => {
    const groups = Array.from({ length: 32 }, (_, i) => `"${String(i).padStart(32, '0')}"`);
    assert.equal(of([`Cache-Groups: ${groups.join(', ')}`])?.length, always.length + 32);
  });

  it('says so where there are more than are kept: what cannot be purged is not stored', () => {
    const many = Array.from({ length: 257 }, (_, i) => `t${i}`).join(' ');
    assert.equal(of([`Surrogate-Key: ${many}`]), null);
    assert.equal(of([`Surrogate-Key: ${'x'.repeat(257)}`]), null);
    assert.equal(of([`Surrogate-Key: ${'x '.repeat(9000)}`]), null);
  });
});

describe('addressOf', () => {
  const rows: readonly (readonly ['http' | 'https', string, string, string, string])[] = [
    ['https', 'Shop.Example', '/a', '?b', 'https://shop.example/a?b'],
    ['https', 'shop.example:443', '/', '', 'https://shop.example/'],
    ['http', 'shop.example:80', '/', '', 'http://shop.example/'],
    ['http', 'shop.example:443', '/', '', 'http://shop.example:443/'],
    ['https', 'shop.example.', '/', '', 'https://shop.example/'],
    ['https', 'shop.example.:8443', '/', '', 'https://shop.example:8443/'],
    ['https', '[2001:db8::1]:443', '/', '?', 'https://[2001:db8::1]/?'],
  ];
  for (const [scheme, authority, path, query, expected] of rows) {
    it(`is ${expected} for ${scheme} ${authority} (RFC 9110 §4.2.3)`, () => {
      assert.equal(addressOf(scheme, authority, { path, query }), expected);
    });
  }
});

describe('sameOriginAddress', () => {
  const rows: readonly (readonly [reference: string, address: string | null])[] = [
    ['', address],
    ['?d', 'https://shop.example/a/b?d'],
    ['/x?', 'https://shop.example/x?'],
    ['../x', 'https://shop.example/x'],
    ['/%7Ex', 'https://shop.example/~x'],
    ['/%2fx', null],
    ['javascript:alert(1)', null],
    ['https://user@shop.example/x', 'https://shop.example/x'],
    ['https://[', null],
  ];
  for (const [reference, meant] of rows) {
    it(`is ${meant} for ${JSON.stringify(reference)} (RFC 3986 §5.2)`, () => {
      assert.equal(sameOriginAddress(reference, address), meant);
    });
  }
});
