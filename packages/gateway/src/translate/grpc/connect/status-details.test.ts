import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack, AnySchema, DurationSchema, StringValueSchema } from '@bufbuild/protobuf/wkt';
import * as fc from '@turnpike/testkit/fast-check';
import { statusDetails } from './status-details.ts';

/** A `google.rpc.Status`, written by hand: its schema is not among the built-in ones. */
function status(...details: readonly Uint8Array[]): Buffer {
  const head = Buffer.from([0x08, 0x85, 0x01, 0x12, 3, ...Buffer.from('why')]);
  return Buffer.concat([
    head,
    ...details.map((any) => Buffer.concat([Buffer.from([0x1a, any.length]), any])),
  ]);
}

const pause = anyPack(DurationSchema, create(DurationSchema, { seconds: 7n }));
const word = anyPack(StringValueSchema, create(StringValueSchema, { value: 'x' }));

describe('statusDetails', () => {
  it('gives the details with their types', () => {
    const bytes = status(toBinary(AnySchema, pause), toBinary(AnySchema, word));
    assert.deepEqual(statusDetails(bytes), [
      {
        type: 'google.protobuf.Duration',
        value: Buffer.from(pause.value).toString('base64').replaceAll('=', ''),
      },
      {
        type: 'google.protobuf.StringValue',
        value: Buffer.from(word.value).toString('base64').replaceAll('=', ''),
      },
    ]);
  });

  it('is empty without any', () => {
    assert.deepEqual(statusDetails(null), []);
    assert.deepEqual(statusDetails(status()), []);
  });

  it('ends with any bytes, also broken ones', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        assert.ok(statusDetails(bytes).length <= 60);
      }),
      { numRuns: 3000 },
    );
  });
});
