import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts, memoryFiles } from '../../test/fixtures.ts';
import { BUILT_IN_PROTOS } from '../descriptors/built-in-protos.ts';
import { BUILT_IN_SET } from '../descriptors/built-in-set.ts';
import { openDescriptors } from '../descriptors/descriptors.ts';
import { createLoader, type Files, type Loaded } from '../load.ts';
import { compileProtos } from './compile-protos.ts';

const SERVICE = `
syntax = "proto3";
package shop.v1;
import "google/api/annotations.proto";
import "google/protobuf/timestamp.proto";
import "parts/item.proto";
message Order { repeated Item items = 1; google.protobuf.Timestamp at = 2; }
service Orders {
  // Finds an order.
  rpc Get(Order) returns (Order) { option (google.api.http) = { get: "/orders" }; }
}
`;
const ITEM = 'syntax = "proto3";\npackage shop.v1;\nmessage Item { string name = 1; }\n';

function gateway(grpc: string): string {
  return `
services: { s: { endpoints: [http://localhost:9001], grpc: ${grpc} } }
routes: { r: { match: { path: /a }, service: s } }
`;
}

function load(grpc: string, files: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  return loadTexts({ '/g.yaml': gateway(grpc), ...files }, {}, ['/g.yaml']);
}

/** File, line, column and code of everything that was found. */
function places({ issues }: Loaded): string[] {
  return issues.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`);
}

const SOURCES = { '/protos/orders.proto': SERVICE, '/protos/parts/item.proto': ITEM };

/** As on the disk: bytes. */
function binaryFiles(files: Readonly<Record<string, string | Uint8Array>>): Files {
  const texts = memoryFiles({});
  return {
    ...texts,
    read: async (path) => {
      const content = files[path];
      if (content === undefined) return texts.read(path);
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    list: async () => null,
  };
}

async function setOf(texts: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const compiled = await compileProtos(new Map(Object.entries(texts)));
  assert.equal(compiled.kind, 'compiled');
  return compiled.kind === 'compiled' ? compiled.set : new Uint8Array(0);
}

describe('sources of descriptors', () => {
  it('are compiled with their imports, those of Google without having them, and watched', async () => {
    const loaded = await load('{ protos: [protos/*.proto] }', SOURCES);
    assert.deepEqual(loaded.issues, []);
    const text = loaded.config?.documents['services.s.grpc.protos'] ?? '';
    const { services, commentOf } = openDescriptors(Buffer.from(text, 'base64'));
    const [method] = services[0]?.methods ?? [];
    assert.equal(services[0]?.typeName, 'shop.v1.Orders');
    assert.equal(method === undefined ? '' : commentOf(method), 'Finds an order.');
    assert.deepEqual(loaded.config?.services[0]?.grpc, {
      kind: 'descriptors',
      document: 'services.s.grpc.protos',
    });
    for (const path of Object.keys(SOURCES)) assert.ok(loaded.files.includes(path), path);
    assert.ok(loaded.directories.includes('/protos'));
  });

  it('tell what does not compile where it is', async () => {
    const broken = SERVICE.replace('repeated Item', 'repeated Itme');
    const loaded = await load('{ protos: [protos/*.proto] }', { ...SOURCES, '/protos/orders.proto': broken });
    assert.equal(loaded.config, null);
    assert.deepEqual(places(loaded), ['/protos/orders.proto:7:26 SYNTAX']);
    assert.match(loaded.issues[0]?.message ?? '', /Itme/);
  });

  it('tell what is imported and nowhere, and where it was looked for', async () => {
    const loaded = await load('{ protos: [protos/*.proto] }', { '/protos/orders.proto': SERVICE });
    assert.equal(loaded.config, null);
    assert.deepEqual(places(loaded)[0], '/protos/orders.proto:6:1 SYNTAX');
    assert.match(loaded.issues[0]?.message ?? '', /imports are looked for in \/protos/);
    assert.ok(loaded.files.includes('/protos/parts/item.proto'), 'it may come');
  });

  it('are found from other import paths', async () => {
    const files = { '/a/x/orders.proto': SERVICE, '/b/parts/item.proto': ITEM };
    assert.deepEqual(places(await load('{ protos: [a/**/*.proto], importPaths: [a, b] }', files)), []);
    const outside = await load('{ protos: [a/**/*.proto], importPaths: [b] }', files);
    assert.deepEqual(places(outside), ['/g.yaml:2:71 BAD_VALUE']);
  });

  it('are told to be missing where they are named', async () => {
    assert.deepEqual(places(await load('{ protos: [x.proto] }')), ['/g.yaml:2:71 UNREADABLE']);
    assert.deepEqual(places(await load('{ protos: [x/*.proto] }')), ['/g.yaml:2:71 BAD_VALUE']);
  });

  it('are compiled once for as long as they stay the same', async () => {
    let reads = 0;
    const memory = memoryFiles({ '/g.yaml': gateway('{ protos: [protos/*.proto] }'), ...SOURCES });
    const loader = createLoader({
      files: { ...memory, read: (path) => (reads++, memory.read(path)) },
      env: {},
    });
    const first = await loader(['/g.yaml']);
    const second = await loader(['/g.yaml']);
    assert.deepEqual(second.config?.documents, first.config?.documents);
    assert.ok(reads > 3);
  });

  it('cannot reach out of their directory', async () => {
    const text = 'syntax = "proto3";\nimport "../../secret.proto";\n';
    const loaded = await load('{ protos: [p/a.proto] }', { '/p/a.proto': text, '/secret.proto': ITEM });
    assert.equal(loaded.config, null);
    assert.equal(places(loaded)[0]?.startsWith('/p/a.proto:2'), true);
  });
});

describe('a descriptor set', () => {
  it('is in the configuration as it is in the file', async () => {
    const set = await setOf({ 'orders.proto': SERVICE, 'parts/item.proto': ITEM, ...BUILT_IN_PROTOS });
    const files = binaryFiles({ '/g.yaml': gateway('{ descriptors: d.binpb }'), '/d.binpb': set });
    const { config, issues, files: watched } = await createLoader({ files, env: {} })(['/g.yaml']);
    assert.deepEqual(issues, []);
    assert.deepEqual(Buffer.from(config?.documents['/d.binpb'] ?? '', 'base64'), Buffer.from(set));
    assert.ok(watched.includes('/d.binpb'));
  });

  it('must be one, with all that it imports', async () => {
    const set = Buffer.from(
      await setOf({ 'orders.proto': SERVICE, 'parts/item.proto': ITEM, ...BUILT_IN_PROTOS }),
    );
    const { services } = openDescriptors(set);
    assert.equal(services.length, 1);
    const cases: [Uint8Array, RegExp][] = [
      [Buffer.from('syntax = "proto3";'), /it (is no FileDescriptorSet|has no files); make it with: protoc/],
      [new Uint8Array(0), /it has no files/],
      [set.subarray(0, set.length - 3), /it is no FileDescriptorSet/],
      [
        withoutFile(set, 'parts/item.proto'),
        /it lacks parts\/item\.proto, which orders\.proto imports; make it with/,
      ],
    ];
    for (const [bytes, message] of cases) {
      const files = binaryFiles({ '/g.yaml': gateway('{ descriptors: d.binpb }'), '/d.binpb': bytes });
      const loaded = await createLoader({ files, env: {} })(['/g.yaml']);
      assert.equal(loaded.config, null);
      assert.deepEqual(places(loaded), ['/g.yaml:2:75 BAD_VALUE']);
      assert.match(loaded.issues[0]?.message ?? '', message);
    }
  });

  it('is told to be missing', async () => {
    assert.deepEqual(places(await load('{ descriptors: d.binpb }')), ['/g.yaml:2:75 UNREADABLE']);
  });
});

describe('services.*.grpc', () => {
  it('has one source', async () => {
    const cases: [string, string[]][] = [
      ['{}', ['/g.yaml:2:54 MISSING_KEY']],
      ['{ reflection: false }', ['/g.yaml:2:54 MISSING_KEY']],
      ['{ reflection: true }', []],
      ['{ protos: [] }', ['/g.yaml:2:70 BAD_VALUE']],
      ['{ reflection: true, importPaths: [a] }', ['/g.yaml:2:80 NO_EFFECT']],
    ];
    for (const [grpc, expected] of cases) assert.deepEqual(places(await load(grpc)), expected, grpc);
    const both = await load('{ reflection: true, protos: [protos/*.proto] }', SOURCES);
    assert.deepEqual(places(both), ['/g.yaml:2:54 CONFLICT']);
  });

  it('is in the configuration by reflection', async () => {
    const { config } = await load('{ reflection: true, refresh: 1m }');
    assert.deepEqual(config?.services[0]?.grpc, { kind: 'reflection', refreshMs: 60_000 });
  });
});

describe('the files that are built in', () => {
  it('are what is built in compiled', async () => {
    const set = await setOf(BUILT_IN_PROTOS);
    const { message } = openDescriptors(set);
    const builtIn = openDescriptors(Buffer.from(BUILT_IN_SET, 'base64'));
    for (const name of [
      'google.api.HttpRule',
      'google.rpc.Status',
      'google.rpc.BadRequest',
      'google.api.HttpBody',
    ])
      assert.deepEqual(shape(message(name)), shape(builtIn.message(name)), name);
  });
});

function shape(desc: ReturnType<ReturnType<typeof openDescriptors>['message']>): unknown {
  return desc?.fields.map(({ name, number, fieldKind }) => [name, number, fieldKind]);
}

/** A set without one of its files. */
function withoutFile(set: Buffer, name: string): Uint8Array {
  const kept: Buffer[] = [];
  for (let at = 0; at < set.length;) {
    const start = at++;
    let [length, shift] = [0, 0];
    for (let byte = 0x80; byte >= 0x80; shift += 7) {
      byte = set[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    const file = set.subarray(start, (at += length));
    if (!file.subarray(0, 12 + name.length).includes(name)) kept.push(file);
  }
  return Buffer.concat(kept);
}
