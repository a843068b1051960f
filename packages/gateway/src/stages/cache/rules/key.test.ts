import type { CacheKeyConfig } from '@turnpike/config';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerName, FORWARDING } from '../../../core/header-names.ts';
import { random } from '../../../core/random.ts';
import { MOST_KEY_BYTES } from '../../../core/cache-memory.ts';
import { countedQuery, deleteOverrides, keyMaker, variantKey } from './key.ts';
import { fields } from './rules-testing.ts';

const plain: CacheKeyConfig = { query: null, ordered: true, headers: [], cookies: [], identity: 'auto' };
type Asked = readonly [address: string, ...lines: readonly string[]];

function keyOf(
  [address, ...lines]: Asked,
  changes: Partial<CacheKeyConfig> = {},
  bodyDigest: string | null = null,
): string {
  return keyMaker({ ...plain, ...changes }, 'shop')({ address, headers: fields(...lines), bodyDigest });
}

const a = 'https://shop.example/a';

describe('keyMaker', () => {
  const same: readonly (readonly [one: Asked, other: Asked, Partial<CacheKeyConfig>])[] = [
    [[a, 'X: 1'], [a, 'X: 2'], {}],
    [[`${a}?b=1&a=2`], [`${a}?a=2&b=1`], { ordered: false }],
    [[a, 'X: 1, 2'], [a, 'X: 1', 'X: 2'], { headers: ['x'] }],
    [[a, 'Accept-Language: EN'], [a, 'Accept-Language: en'], { headers: ['accept-language'] }],
    [[a, 'Cookie: s=1; x=2'], [a, 'Cookie: x=3; s=1'], { cookies: ['s'] }],
  ];
  for (const [one, other, config] of same) {
    it(`takes ${one.join(' ')} for ${other.join(' ')} with ${JSON.stringify(config)}`, () => {
      assert.equal(keyOf(one, config), keyOf(other, config));
    });
  }

  const different: readonly (readonly [one: Asked, other: Asked, Partial<CacheKeyConfig>])[] = [
    [[a], ['http://shop.example/a'], {}],
    [[a], ['https://shop.example/A'], {}],
    [[a], ['https://shop.example:8443/a'], {}],
    [[a], [`${a}?`], {}],
    [[`${a}?b=1&a=2`], [`${a}?a=2&b=1`], {}],
    [[`${a}?a=1`], [`${a}?%61=1`], { ordered: false }],
    [[`${a}?a=1&a=2`], [`${a}?a=2&a=1`], { ordered: false }],
    [[`${a}?a=1&b`], [`${a}?a=1%26b`], { ordered: false }],
    [[a, 'X: '], [a], { headers: ['x'] }],
    [[a, 'X: 1'], [a, 'Y: 1'], { headers: ['x', 'y'] }],
    [[a, 'X: 1, 2'], [a, 'X: 1', 'Y: 2'], { headers: ['x', 'y'] }],
    [[a, 'Cookie: s='], [a], { cookies: ['s'] }],
    [[a, 'Cookie: s=1'], [a, 'Cookie: s=1; s=1'], { cookies: ['s'] }],
    [[a, 'X: 1'], [a, 'Cookie: s=1'], { headers: ['x'], cookies: ['s'] }],
  ];
  for (const [one, other, config] of different) {
    it(`tells ${one.join(' ')} from ${other.join(' ')} with ${JSON.stringify(config)}`, () => {
      assert.notEqual(keyOf(one, config), keyOf(other, config));
    });
  }

  it('tells a QUERY by its body, and from a GET', () => {
    const keys = [keyOf([a]), keyOf([a], {}, 'one'), keyOf([a], {}, 'two')];
    assert.equal(new Set(keys).size, 3);
  });

  it('makes a digest of what is too long', () => {
    const long = `${a}?${'x'.repeat(2000)}`;
    const key = keyOf([long]);
    assert.ok(key.length <= MOST_KEY_BYTES && key.startsWith('\n'));
    assert.notEqual(key, keyOf([`${long}y`]));
  });

  it('never gives two requests one key that differ in something that counts', () => {
    const { below } = random(7);
    const some = (): string => Array.from({ length: below(3) }, () => 'ab,=;"- '[below(8)]).join('');
    const config = { headers: ['x', 'y'], cookies: ['s', 't'] };
    const seen = new Map<string, string>();
    for (let round = 0; round < 20_000; round++) {
      const [x, y, s, t] = [
        some().trim(),
        some().trim(),
        some().replaceAll(/[";,= -]/g, ''),
        some().replaceAll(/[";,= -]/g, ''),
      ];
      const key = keyOf([a, `X: ${x}`, `Y: ${y}`, `Cookie: s=${s}; t=${t}`], config);
      const meaning = JSON.stringify([x, y].map((value) => value.replaceAll(/ *, */g, ',')).concat(s, t));
      if (!/"/.test(x + y)) assert.equal(seen.get(key) ?? meaning, meaning);
      seen.set(key, meaning);
    }
  });
});

describe('variantKey', () => {
  const of = (lines: readonly string[], names: readonly string[], caller: string | null = null): string =>
    variantKey('primary', { names, headers: fields(...lines) }, caller);

  it('tells variants, callers, and by what they vary', () => {
    const keys = [
      'primary',
      of([], []),
      of(['X: 1'], ['x']),
      of(['Y: 1'], ['y']),
      of(['X: 2'], ['x']),
      of([], [], ''),
      of([], [], 'one'),
      of([], [], 'two'),
      of(['X: 1'], ['x'], 'one'),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it('is short, whatever callers are called', () => {
    assert.ok(of([`X: ${'y'.repeat(5000)}`], ['x'], '€\n\f'.repeat(1000)).length <= MOST_KEY_BYTES);
  });
});

describe('countedQuery', () => {
  const rows: readonly (readonly [names: readonly string[] | null, query: string, counted: string])[] = [
    [null, '?x=1&page=2', '?x=1&page=2'],
    [['page'], '?x=1&page=2&y', '?page=2'],
    [['page'], '?%70age=2&page=1', '?%70age=2&page=1'],
    [['page'], '?x=1;page=2', ''],
    [['page'], '?Page=2', ''],
    [['page'], '', ''],
    [['page'], '?', ''],
    [['a b'], '?a+b=1&a%20b=2', '?a+b=1&a%20b=2'],
    [['é'], '?%C3%A9=1', '?%C3%A9=1'],
    [['page'], '?pa%ge=1', ''],
    [[], '?a=1', ''],
  ];
  for (const [names, query, counted] of rows) {
    it(`leaves ${counted} of ${query} where ${JSON.stringify(names)} count`, () => {
      assert.equal(countedQuery({ ...plain, query: names })(query), counted);
    });
  }
});

describe('deleteOverrides', () => {
  it('takes away what no key has, and the wire takes the rest', () => {
    const headers = fields('X-HTTP-Method-Override: DELETE', 'X-Original-Host: b', 'Accept: a');
    deleteOverrides(headers, { ...plain, headers: ['x-original-host'] });
    assert.deepEqual(
      headers.names.map(({ lower }) => lower),
      ['x-original-host', 'accept'],
    );
    for (const name of [
      'X-Forwarded-Host',
      'X-Host',
      'X-Original-URL',
      'X-Rewrite-URL',
      'X-Forwarded-Scheme',
      'Forwarded',
    ]) {
      assert.notEqual(headerName(name).flags & FORWARDING, 0, name);
    }
  });
});
