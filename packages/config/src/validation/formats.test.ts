import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMATS } from './formats.ts';

function isOf(name: string, value: string | number): boolean {
  const format = FORMATS[name];
  if (format === undefined) throw new Error(`there is no format ${name}`);
  if (format === true) return true;
  // A format is about texts or about numbers; of the other it says nothing.
  if (format.type === 'string') return typeof value === 'string' && format.validate(value);
  return typeof value === 'number' && format.validate(value);
}

describe('a format', () => {
  const table: readonly (readonly [
    name: string,
    valid: readonly (string | number)[],
    invalid: readonly (string | number)[],
  ])[] = [
    ['date', ['2024-02-29'], ['2023-02-29', '2024-1-1', '2024-02-29 ']],
    [
      'date-time',
      ['2024-01-01T00:00:00Z', '2024-01-01t00:00:00.5+02:00'],
      ['2024-01-01T25:00:00Z', '2024-01-01T00:00:00'],
    ],
    ['time', ['12:00:00Z'], ['12:00:00', '24:00:01Z']],
    ['duration', ['P1D', 'PT36H', 'P4W'], ['P', '1D', 'P1H']],
    ['email', ['a@example.com'], ['a', 'a@', '@b']],
    ['hostname', ['example.com'], ['-a.example', 'a..b']],
    ['ipv4', ['203.0.113.1'], ['256.0.0.1', '1.2.3']],
    ['ipv6', ['2001:db8::1', '::'], [':::', '12345::']],
    ['uri', ['https://example.com/a?b#c', 'urn:a:b'], ['/a', 'a b', '']],
    ['uri-reference', ['/a?b', ''], ['\\']],
    ['uri-template', ['/a/{b}'], ['{']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
    ['json-pointer', ['', '/a~0b'], ['a', '/~2']],
    ['relative-json-pointer', ['0#', '1/a'], ['/a']],
    ['regex', ['^a$'], ['(']],
    ['byte', ['', 'YQ==', 'YWJj'], ['YQ=', 'Y Q=', 'Y===']],
    ['int32', [0, -(2 ** 31), 2 ** 31 - 1], [2 ** 31, 1.5]],
    ['int64', [2 ** 53, -(2 ** 63)], [2 ** 64, 0.5]],
    ['uint8', [0, 255], [-1, 256]],
    ['uint64', [2 ** 63], [-1]],
    ['float', [1.5, 'x'], []],
    ['password', ['x', 1], []],
    ['binary', ['\x00'], []],
  ];
  for (const [name, valid, invalid] of table) {
    it(`${name} is recognised`, () => {
      for (const value of valid) assert.ok(isOf(name, value), String(value));
      for (const value of invalid) assert.ok(!isOf(name, value), String(value));
    });
  }

  it('is not that of a text that is longer than any of it, so that looking takes no time', () => {
    const texts = [
      'a'.repeat(1_000_000),
      `a@${'a.'.repeat(500_000)}`,
      'P'.padEnd(1_000_000, '1'),
      `/${'{a}'.repeat(300_000)}`,
    ];
    for (const [name, format] of Object.entries(FORMATS)) {
      if (format === true || format.type !== 'string' || name === 'byte') continue;
      for (const text of texts) assert.ok(!format.validate(text), name);
    }
  });
});
