import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { anyText, manyFields } from './log-lines-testing.ts';
import { jsonLabels, jsonMembers, OWN_FIELDS_BYTES, type FieldValue } from './own-fields.ts';

const members = (...values: FieldValue[]) =>
  JSON.parse(
    `{${jsonMembers(
      values.map((value, i) => ({ name: `f${i}`, read: () => value })),
      exchangeFrom(),
    )}}`,
  );

describe('fields that users add', () => {
  it('keep their types in JSON', () => {
    assert.deepEqual(members('a"b', 3, 0.5, true, null, Infinity), {
      f0: 'a"b',
      f1: 3,
      f2: 0.5,
      f3: true,
      f4: null,
      f5: null,
    });
  });

  it('are cut where they are too long', () => {
    assert.equal(members('x'.repeat(1000)).f0.length, 256);
  });

  it('fit together, however many there are and whatever they hold', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, times) => {
        const fields = manyFields(text.repeat(times));
        const written = [jsonMembers(fields, exchangeFrom()), jsonLabels(fields, exchangeFrom())];
        for (const one of written) {
          assert.ok(one.length <= OWN_FIELDS_BYTES, String(one.length));
          assert.equal(Object.keys(JSON.parse(`{${one}}`)).length, fields.length);
        }
      }),
    );
  });
});
