// How fast JSON becomes bytes and bytes become JSON, beside @bufbuild/protobuf. Run: node packages/gateway/src/translate/grpc/schema/proto-json.bench.ts
import {
  createFileRegistry,
  create,
  fromBinary,
  fromJson,
  fromJsonString,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { FIXTURES, fixtureCodec } from './schema-testing.ts';

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: fromBinary(FileDescriptorSetSchema, FIXTURES).file }),
);

const order = {
  fInt32: 42,
  fInt64: '1234567890123',
  fString: 'a name of usual length',
  fBool: true,
  fColour: 'RED',
  fDouble: 1.25,
  fAll: { fString: 'inner', fInt32: 7, wTimestamp: '2026-01-31T23:59:59.500Z' },
  rString: ['one', 'two', 'three'],
  rInt32: [1, 2, 3, 400, 50000],
  mStringString: { key: 'value', other: 'thing' },
  wTimestamp: '2026-01-31T23:59:59Z',
  cString: 'chosen',
};
const CASES: Readonly<Record<string, readonly [string, object]>> = {
  'small (book)': ['turnpike.test.Book', { name: 'books/1', pages: '320' }],
  'usual (order)': ['turnpike.test.All', order],
  'list of 100': ['turnpike.test.All', { rAll: Array.from({ length: 100 }, () => order) }],
};

const MS = 400;

/** Operations a second; the best of three. */
function rate(work: () => unknown): number {
  let best = 0;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < MS) for (let more = 0; more < 20; more++, count++) work();
    best = Math.max(best, count / ((performance.now() - start) / 1000));
  }
  return best;
}

const shown = (value: number): string => Math.round(value).toLocaleString('en').padStart(12);

console.log('case                    direction        ours /s      theirs /s   times   MB/s of JSON');
for (const [name, [typeName, json]] of Object.entries(CASES)) {
  const codec = fixtureCodec(typeName);
  const desc = registry.getMessage(typeName);
  if (desc === undefined) throw new Error(typeName);
  const text = JSON.stringify(json);
  const bytes = codec.fromJson(text);
  fromJson(desc, json as never, { registry });
  const rows: [string, number, number][] = [
    [
      'JSON to bytes',
      rate(() => codec.fromJson(text)),
      rate(() => toBinary(desc, fromJsonString(desc, text, { registry }))),
    ],
    [
      'bytes to JSON',
      rate(() => codec.toJson(bytes)),
      rate(() => toJsonString(desc, fromBinary(desc, bytes), { registry })),
    ],
  ];
  for (const [direction, ours, theirs] of rows)
    console.log(
      `${name.padEnd(16)} ${String(text.length).padStart(6)} ${direction} ${shown(ours)} ${shown(theirs)} ${(ours / theirs).toFixed(1).padStart(7)} ${((ours * text.length) / 1e6).toFixed(0).padStart(8)}`,
    );
}
