import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { healthProblem, healthRequest } from './grpc-health-message.ts';

const framed = (...bytes: number[]) => Buffer.of(0, 0, 0, 0, bytes.length, ...bytes);

describe('messages of grpc.health.v1', () => {
  it('ask for a service by name, and for the whole server without', () => {
    assert.deepEqual(healthRequest('a.B'), Buffer.of(0, 0, 0, 0, 5, 0x0a, 3, 97, 46, 66));
    assert.deepEqual(healthRequest(''), Buffer.of(0, 0, 0, 0, 2, 0x0a, 0));
    assert.deepEqual(healthRequest('x'.repeat(300)).subarray(0, 8), Buffer.of(0, 0, 0, 1, 47, 0x0a, 0xac, 2));
  });

  const table: readonly [string, Buffer, string | null][] = [
    ['SERVING', framed(8, 1), null],
    ['SERVING behind fields that we do not know', framed(0x12, 1, 7, 0x1d, 1, 2, 3, 4, 8, 1), null],
    ['NOT_SERVING', framed(8, 2), 'NOT_SERVING'],
    ['UNKNOWN, which is the default', framed(), 'UNKNOWN'],
    ['UNKNOWN in full', framed(8, 0), 'UNKNOWN'],
    ['SERVICE_UNKNOWN', framed(8, 3), 'SERVICE_UNKNOWN'],
    ['a status that does not exist', framed(8, 9), 'the answer is malformed'],
    ['a number that breaks off', framed(8, 0x81), 'the answer is malformed'],
    ['a field that is longer than the message', framed(8, 1, 0x12, 9), 'the answer is malformed'],
    ['a group', framed(8, 1, 0x0b), 'the answer is malformed'],
    ['a compressed message', Buffer.of(1, 0, 0, 0, 2, 8, 1), 'the answer is no message'],
    ['nothing', Buffer.alloc(0), 'the answer is no message'],
    ['two messages', Buffer.concat([framed(8, 1), framed(8, 1)]), 'the answer is not one message'],
  ];
  for (const [title, bytes, expected] of table) {
    it(`read ${title}`, () => assert.equal(healthProblem(bytes), expected));
  }

  it('read any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        assert.notEqual(healthProblem(framed(...bytes)), undefined);
      }),
    );
  });
});
