import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonSchema } from '@turnpike/sdk';
import { completeConfig } from './complete-config.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    flag: { type: 'boolean', default: false },
    list: { type: 'array', default: [], items: { properties: { size: { default: 1 } } } },
    inner: { type: 'object', default: {}, properties: { word: { type: 'string', default: 'a' } } },
    other: { type: 'string' },
  },
};

const cases: readonly (readonly [given: unknown, complete: unknown])[] = [
  [{}, { flag: false, list: [], inner: { word: 'a' } }],
  [
    { flag: true, other: 'x' },
    { flag: true, other: 'x', list: [], inner: { word: 'a' } },
  ],
  [
    { list: [{}, { size: 2 }], inner: { word: 'b', more: 1 } },
    { flag: false, list: [{ size: 1 }, { size: 2 }], inner: { word: 'b', more: 1 } },
  ],
  [
    { list: 'no list', inner: null },
    { flag: false, list: 'no list', inner: null },
  ],
  [null, null],
];
for (const [given, complete] of cases)
  it(`completes ${JSON.stringify(given)}`, () => assert.deepEqual(completeConfig(schema, given), complete));

it('gives every configuration defaults of its own, and leaves alone what it is given', () => {
  const given = Object.freeze({ inner: Object.freeze({}) });
  const [one, other] = [completeConfig(schema, given), completeConfig(schema, {})] as { list: unknown[] }[];
  one?.list.push(1);
  assert.deepEqual(other?.list, []);
});
