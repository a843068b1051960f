import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as ajv from 'ajv/dist/2020.js';
import { grpcSchemaOf } from './grpc-schema.ts';
import { SchemaBoard } from './schema-board.ts';
import { DESCRIPTORS, FIXTURES, fixtureCodec } from './schema-testing.ts';
import { openDescriptors } from '@turnpike/config/descriptors';

const GET = '/turnpike.test.Library/Get';

describe('the schema of a descriptor set', () => {
  const schema = grpcSchemaOf(DESCRIPTORS)();

  it('has the methods of its services', () => {
    assert.deepEqual(
      schema.methods.map(({ path, clientStreaming, serverStreaming, idempotency, description }) => {
        return { path, clientStreaming, serverStreaming, idempotency, description };
      }),
      [
        {
          path: GET,
          clientStreaming: false,
          serverStreaming: false,
          idempotency: 'no-side-effects',
          description: 'Finds a book.',
        },
        {
          path: '/turnpike.test.Library/Put',
          clientStreaming: true,
          serverStreaming: true,
          idempotency: 'idempotent',
          description: '',
        },
      ],
    );
    assert.equal(schema.method(GET)?.input.typeName, 'turnpike.test.GetBook');
    assert.equal(schema.method('/turnpike.test.Library/No'), undefined);
    assert.equal(schema.method('constructor'), undefined);
  });

  it('has the rules of HTTP, additional ones behind the first', () => {
    assert.deepEqual(schema.method(GET)?.http, [
      { method: 'GET', template: '/v1/{name=books/*}', body: '', responseBody: '' },
      { method: 'POST', template: '/v1/books:find', body: 'book', responseBody: 'name' },
      { method: 'HEAD', template: '/v1/books', body: '', responseBody: '' },
    ]);
    assert.deepEqual(schema.method('/turnpike.test.Library/Put')?.http, []);
  });

  it('finds fields by both of their names', () => {
    const { fields } = fixtureCodec('turnpike.test.All');
    const { message, ...field } = fields.find('f_all') ?? assert.fail();
    assert.deepEqual(field, {
      name: 'f_all',
      jsonName: 'fAll',
      kind: 'message',
      isRepeated: false,
      typeName: 'turnpike.test.All',
    });
    assert.equal(message?.find('fInt64')?.scalar, 'int64');
    assert.equal(fields.find('rColour')?.typeName, 'turnpike.test.Colour');
    assert.deepEqual(fields.find('r_int32'), {
      name: 'r_int32',
      jsonName: 'rInt32',
      kind: 'list',
      isRepeated: true,
      typeName: 'int32',
      scalar: 'int32',
    });
    assert.equal(fields.find('mSint32All')?.kind, 'map');
    assert.equal(fields.find('renamed'), fields.find('other-name'));
    assert.equal(fields.find('no'), undefined);
  });
});

describe('the JSON Schema of a message', () => {
  const schema = fixtureCodec('turnpike.test.All').jsonSchema() as Record<string, unknown>;
  const judge = new ajv.Ajv2020({ strict: false }).addFormat('date-time', true).compile(schema);

  it('takes what the codec takes, and refuses what it refuses', () => {
    const good = [
      {},
      { fInt32: 1, fString: 'a', fAll: { rAll: [{ fColour: 'RED' }] } },
      { mInt32Int64: { '-1': '5' } },
      { wValue: null, wStruct: { a: [] }, wList: [1], wTimestamp: '2026-01-01T00:00:00Z', wDuration: '1.5s' },
      { fDouble: 'NaN', wInt64: '1', cNull: null, 'other-name': 'b' },
    ];
    const bad = [
      { nope: 1 },
      { fInt32: 1.5 },
      { fInt32: 2 ** 31 },
      { fUint32: -1 },
      { fColour: 'GREEN' },
      { rInt32: 1 },
      { mInt32Int64: { a: '1' } },
      { fAll: { nope: 1 } },
    ];
    for (const json of good) {
      assert.ok(judge(json), JSON.stringify([json, judge.errors]));
      fixtureCodec('turnpike.test.All').fromJson(JSON.stringify(json));
    }
    for (const json of bad) {
      assert.ok(!judge(json), JSON.stringify(json));
      assert.throws(() => fixtureCodec('turnpike.test.All').fromJson(JSON.stringify(json)));
    }
  });

  it('stands for itself, and has the comments of the source', () => {
    const references = JSON.stringify(schema).match(/"\$ref":"[^"]*"/g) ?? [];
    assert.ok(references.length > 0 && references.every((one) => one.startsWith('"$ref":"#/$defs/')));
    assert.equal(schema['description'], 'Every kind of field.');
    const { fString } = schema['properties'] as Record<string, { description?: string }>;
    assert.equal(fString?.description, 'What it is called.');
  });

  it('says what is required', () => {
    const legacy = fixtureCodec('turnpike.test.Legacy').jsonSchema() as { required?: string[] };
    assert.deepEqual(legacy.required, ['must']);
  });
});

describe('the board of schemas', () => {
  function board() {
    const missed: string[] = [];
    let opened = 0;
    const schemas = new SchemaBoard({
      open: (set) => (opened++, openDescriptors(set)),
      missed: (service) => missed.push(service),
      failed: (_service, error) => missed.push(String(error)),
    });
    return { schemas, missed, opened: () => opened };
  }
  const written = (digest: string) => ({ set: { digest, bytes: () => FIXTURES }, isReflected: false });

  it('opens a set when somebody asks, once for all who have it, and keeps it open', () => {
    const { schemas, opened } = board();
    schemas.use(
      new Map([
        ['a', written('1')],
        ['b', written('1')],
      ]),
    );
    assert.equal(opened(), 0);
    const schema = schemas.of('a');
    assert.equal(schema, schemas.of('b'));
    schemas.use(new Map([['a', written('1')]]));
    assert.equal(schemas.of('a'), schema);
    assert.equal(opened(), 1);
    assert.equal(schemas.of('b'), null);
    schemas.use(new Map([['a', written('2')]]));
    assert.notEqual(schemas.of('a'), schema);
    assert.equal(opened(), 2);
  });

  it('gives one schema for each way to write JSON', () => {
    const { schemas } = board();
    schemas.use(new Map([['a', written('1')]]));
    const shown = schemas.of('a', { emitDefaults: true });
    assert.equal(shown, schemas.of('a', { emitDefaults: true }));
    assert.equal(shown?.method(GET)?.output.toJson(new Uint8Array(0)), '{"name":"","pages":"0"}');
    assert.equal(schemas.of('a')?.method(GET)?.output.toJson(new Uint8Array(0)), '{}');
  });

  it('tells of what a service that describes itself has not described', () => {
    const { schemas, missed } = board();
    schemas.use(
      new Map<string, ReturnType<typeof written> | { set: null; isReflected: boolean }>([
        ['a', { set: null, isReflected: true }],
        ['b', written('1')],
      ]),
    );
    assert.equal(schemas.of('a'), null);
    assert.equal(schemas.of('b')?.method('/no/No'), undefined);
    assert.deepEqual(missed, ['a']);
    schemas.use(new Map([['a', { set: { digest: '1', bytes: () => FIXTURES }, isReflected: true }]]));
    assert.equal(schemas.of('a'), schemas.of('a'));
    assert.ok(schemas.of('a')?.method(GET));
    schemas.of('a')?.method('/no/No');
    assert.deepEqual(missed, ['a', 'a']);
  });

  it('knows nothing of a set that cannot be opened, and says so', () => {
    const { schemas, missed } = board();
    schemas.use(
      new Map([['a', { set: { digest: '1', bytes: () => new Uint8Array(3) }, isReflected: false }]]),
    );
    assert.deepEqual(schemas.of('a')?.methods, []);
    assert.equal(missed.length, 1);
  });
});
