import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { isTemplate, valueTemplate } from './value-template.ts';

const exchange = exchangeFrom({
  method: 'PUT',
  query: '?q=a%20b+c&twice=1&twice=1&empty=&=x',
  headers: headersOf(['X-Tenant', 'blue'], ['X-Twice', 'a'], ['x-twice', 'a'], ['X-Empty', '']),
});
exchange.params = ['7%2F8', '', '%FF', 'a/b'];
const NAMES = ['id', 'none', 'bytes', 'rest'];

const TABLE: readonly (readonly [text: string, value: string | null])[] = [
  ['{header.x-tenant}', 'blue'],
  ['{header.X-TENANT}', 'blue'],
  ['t-{header.x-tenant}:{method}', 't-blue:PUT'],
  ['{header.x-none}', null],
  ['{header.x-empty}', null],
  ['{header.x-twice}', null],
  ['{path.id}', '7/8'],
  ['{path.none}', null],
  ['{path.bytes}', null],
  ['{path.rest}', 'a/b'],
  ['{query.q}', 'a b c'],
  ['{query.twice}', null],
  ['{query.empty}', null],
  ['{query.none}', null],
  ['{host}', 'api.example.com'],
  ['{header.x-tenant}{query.none}', null],
];

describe('a template of a value', () => {
  for (const [text, value] of TABLE) {
    it(`${text} is ${value}`, () => assert.equal(valueTemplate(text, NAMES)(exchange), value));
  }

  it('has no host for who names none', () => {
    assert.equal(valueTemplate('{host}', [])(exchangeFrom({ host: '' })), null);
  });

  it('is told from plain text', () => {
    assert.ok(isTemplate('a {host}'));
    assert.ok(!isTemplate('a {} b'));
    assert.ok(!isTemplate('plain'));
  });

  it('does not compile with a placeholder that nobody knows', () => {
    assert.throws(() => valueTemplate('{path.other}', NAMES), /Unknown parameter/);
    assert.throws(() => valueTemplate('{cookie.a}', NAMES), /Unknown placeholder/);
  });
});
