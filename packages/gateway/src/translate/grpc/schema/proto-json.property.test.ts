// ProtoJSON as @bufbuild/protobuf does it is the oracle: both ways, and around, over messages of every kind of field.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  create,
  createFileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import * as fc from '@turnpike/testkit/fast-check';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { DESCRIPTORS, FIXTURES, fixtureCodec } from './schema-testing.ts';

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: fromBinary(FileDescriptorSetSchema, FIXTURES).file }),
);

/** A copy of the parsed form, so that neither the order of members nor how a number is written matters. */
function plain(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

function descOf(typeName: string) {
  const desc = registry.getMessage(typeName) ?? DESCRIPTORS.message(typeName);
  assert.ok(desc);
  return desc;
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
// -0 is left out: the oracle loses its sign.
const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom('NaN', 'Infinity', '-Infinity'),
);
const float = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom('NaN', 'Infinity', '-Infinity'),
);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ maxLength: 200 }));
const bytes = fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value).toString('base64'));
const colour = fc.constantFrom<string | number>(
  'RED',
  'CRIMSON',
  'BLUE',
  'BELOW',
  'COLOUR_UNSPECIFIED',
  1,
  77,
  -9,
);
const time = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().replace(/^\+?0*(\d{4})-/, '$1-'));
const span = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 999 }))
  .map(([seconds, ms]) => `${seconds}.${String(ms).padStart(3, '0')}s`);
const value = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.parse(JSON.stringify(json)) as JsonValue);
const struct = fc.dictionary(fc.string({ maxLength: 5 }), value, { maxKeys: 3 });

function all(depth: number): fc.Arbitrary<Record<string, JsonValue>> {
  const message = depth === 0 ? fc.constant({}) : fc.oneof(fc.constant({}), all(depth - 1));
  const some = <T>(items: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(items, { maxLength: 4 });
  const any = fc.oneof(
    fc.record({ '@type': fc.constant('type.googleapis.com/turnpike.test.Book'), name: text, pages: int64 }),
    fc.record({ '@type': fc.constant('type.googleapis.com/google.protobuf.Duration'), value: span }),
    fc.record({ '@type': fc.constant('type.googleapis.com/google.protobuf.Struct'), value: struct }),
  );
  const fields = {
    fDouble: double,
    fFloat: float,
    fInt32: int32,
    fInt64: int64,
    fUint32: uint32,
    fUint64: uint64,
    fSint32: int32,
    fSint64: int64,
    fFixed32: uint32,
    fFixed64: uint64,
    fSfixed32: int32,
    fSfixed64: int64,
    fBool: fc.boolean(),
    fString: text,
    fBytes: bytes,
    fColour: colour,
    fAll: message,
    oInt32: int32,
    oString: text,
    oColour: colour,
    oBool: fc.boolean(),
    oBytes: bytes,
    oDouble: double,
    rDouble: some(double),
    rFloat: some(float),
    rInt32: some(int32),
    rInt64: some(int64),
    rSint64: some(int64),
    rFixed64: some(uint64),
    rBool: some(fc.boolean()),
    rString: some(text),
    rBytes: some(bytes),
    rColour: some(colour),
    rAll: some(message),
    rUnpacked: some(int32),
    mStringString: fc.dictionary(text, text, { maxKeys: 3 }),
    mInt32Int64: fc.dictionary(int32.map(String), int64, { maxKeys: 3 }),
    mUint64Bool: fc.dictionary(uint64, fc.boolean(), { maxKeys: 3 }),
    mBoolColour: fc.dictionary(fc.constantFrom('true', 'false'), colour, { maxKeys: 2 }),
    mSint32All: fc.dictionary(int32.map(String), message, { maxKeys: 2 }),
    mStringBytes: fc.dictionary(text, bytes, { maxKeys: 3 }),
    mStringValue: fc.dictionary(text, value, { maxKeys: 2 }),
    mFixed64Double: fc.dictionary(uint64, double, { maxKeys: 2 }),
    wAny: any,
    wTimestamp: time,
    wDuration: span,
    wStruct: struct,
    wValue: value,
    wEmpty: fc.constant({}),
    wMask: fc.constantFrom('', 'a', 'userName,b.cD'),
    wList: some(value),
    wDouble: double,
    wFloat: float,
    wInt64: int64,
    wUint64: uint64,
    wInt32: int32,
    wUint32: uint32,
    wBool: fc.boolean(),
    wString: text,
    wBytes: bytes,
    rwTimestamp: some(time),
    rwInt64: some(int64),
    rwValue: some(value),
    rwAny: some(any),
    'other-name': text,
    fieldname1: int32,
    far: text,
  };
  const choice = fc.oneof(
    fc.constant({}),
    fc.record({ cString: text }),
    fc.record({ cInt64: int64 }),
    fc.record({ cAll: message }),
    fc.record({ cNull: fc.constant(null) }),
    fc.record({ cColour: colour }),
    fc.record({ cDuration: span }),
  );
  return fc
    .tuple(fc.record(fields, { requiredKeys: [] }), choice)
    .map(([record, chosen]) => ({ ...record, ...chosen }));
}

const legacy = fc.record(
  {
    must: text,
    number: int32,
    unpacked: fc.array(int32, { maxLength: 3 }),
    packed: fc.array(int32, { maxLength: 3 }),
    part: fc.record({ name: text, inner: fc.record({ must: text }) }, { requiredKeys: [] }),
    piece: fc.array(fc.record({ size: int32 }), { maxLength: 3 }),
    shut: fc.constantFrom('ONE', 'TWO'),
    shuts: fc.array(fc.constantFrom('ONE', 2), { maxLength: 3 }),
    shutByName: fc.dictionary(text, fc.constantFrom('ONE', 'TWO'), { maxKeys: 2 }),
    lax: text,
  },
  { requiredKeys: ['must'] },
);

const modern = fc.record(
  {
    explicit: int32,
    implicit: int32,
    required: int32,
    expanded: fc.array(int32, { maxLength: 3 }),
    delimited: fc.record({ required: int32, explicit: int32 }),
    closed: fc.constantFrom('CLOSED_ZERO', 'CLOSED_ONE'),
    lax: text,
    pieces: fc.array(fc.record({ required: int32 }), { maxLength: 3 }),
  },
  { requiredKeys: ['required'] },
);

/** Ours and the oracle's bytes mean the same, and so do their texts. */
function agrees(typeName: string, json: JsonValue): void {
  const desc = descOf(typeName);
  const ours = fixtureCodec(typeName);
  const options = { registry };
  const bytes = ours.fromJson(JSON.stringify(json));
  const message = fromJson(desc, json, options);
  assert.deepEqual(
    toJson(desc, fromBinary(desc, bytes), options),
    toJson(desc, message, options),
    'from JSON',
  );
  const theirs = toBinary(desc, message);
  assert.equal(bytes.length, theirs.length, 'nothing is sent that need not be');
  assert.deepEqual(plain(ours.toJson(theirs)), oracleText(desc, theirs, false), 'to JSON');
  assert.deepEqual(
    plain(fixtureCodec(typeName, { emitDefaults: true }).toJson(theirs)),
    oracleText(desc, theirs, true),
    'to JSON with defaults',
  );
}

/** Floats of the oracle have the digits of a double: `0.10000000149011612`. */
function oracleText(
  desc: ReturnType<typeof descOf>,
  bytes: Uint8Array,
  alwaysEmitImplicit: boolean,
): JsonValue {
  const json = toJson(desc, fromBinary(desc, bytes), { registry, alwaysEmitImplicit });
  return plain(JSON.stringify(json));
}

describe('ProtoJSON, beside @bufbuild/protobuf', () => {
  const runs = { numRuns: 400 };
  const agreesOn = (typeName: string, json: fc.Arbitrary<unknown>): void =>
    fc.assert(
      fc.property(json, (value) => agrees(typeName, value as JsonValue)),
      runs,
    );

  it('is the same for proto3', () => agreesOn('turnpike.test.All', all(2).map(withoutFloats)));
  it('is the same for proto2', () => agreesOn('turnpike.test.Legacy', legacy));
  it('is the same for editions', () => agreesOn('turnpike.test.Modern', modern));

  it('gives the same message for floats in fewer digits', () => {
    const codec = fixtureCodec('turnpike.test.All');
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const sent = codec.fromJson(JSON.stringify({ fFloat: number, rFloat: [number] }));
        assert.deepEqual(codec.fromJson(codec.toJson(sent)), sent);
      }),
    );
  });
});

/** Texts of floats differ, and are compared on their own. */
function withoutFloats(json: Record<string, JsonValue>): Record<string, JsonValue> {
  return JSON.parse(
    JSON.stringify(json, (name, inner) => (/^(fFloat|rFloat|wFloat)$/.test(name) ? undefined : inner)),
  ) as Record<string, JsonValue>;
}

describe('whatever comes', () => {
  const codecs = ['All', 'Legacy', 'Modern'].map((name) =>
    fixtureCodec(`turnpike.test.${name}`, { emitDefaults: true }),
  );
  /** A fault is an answer; anything else is a bug. */
  const orFault = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      assert.ok(error instanceof MessageFault, String(error));
      return null;
    }
  };

  it('is bytes that are JSON, or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const codec of codecs) {
          const text = orFault(() => codec.toJson(bytes));
          if (text !== null) JSON.parse(text);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is a message with some bytes changed, or a fault', () => {
    const [codec] = codecs;
    fc.assert(
      fc.property(all(2), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), (json, changes) => {
        const bytes = codec?.fromJson(JSON.stringify(json)) ?? new Uint8Array(0);
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const text = orFault(() => codec?.toJson(bytes) ?? '');
        if (text !== null) JSON.parse(text);
      }),
      { numRuns: 500 },
    );
  });

  it('is a text with some characters changed, or a fault', () => {
    const [codec] = codecs;
    fc.assert(
      fc.property(
        all(2),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]":,\\0-9.eEnulltrue @'.split(''))), {
          maxLength: 4,
        }),
        (json, changes) => {
          const characters = JSON.stringify(json).split('');
          for (const [at, character] of changes) characters[at % characters.length] = character;
          const bytes = orFault(() => codec?.fromJson(characters.join('')) ?? null);
          if (bytes !== null) JSON.parse(codec?.toJson(bytes) ?? '');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('comes around: what was read is written so that it is read again', () => {
    const [codec] = codecs;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const text = orFault(() => codec?.toJson(bytes) ?? '');
        if (text !== null) assert.equal(codec?.toJson(codec.fromJson(text)), text);
      }),
      { numRuns: 3000 },
    );
  });
});
