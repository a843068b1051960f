// What is known of a gRPC service, from each of its sources, as callers of a running gateway see it.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  startReflectingServer,
  type ReflectingServer,
} from '../packages/gateway/test/grpc/reflecting-server.ts';
import { runGateway } from './running-gateway.ts';

const FIXTURES = new URL('../packages/gateway/src/translate/grpc/schema/fixtures/', import.meta.url).pathname;
const BOOK = { name: 'books/1', pages: '9007199254740993' };

let server: ReflectingServer;
let folder = '';
before(async () => {
  server = await startReflectingServer();
  folder = await mkdtemp(join(tmpdir(), 'turnpike-grpc-'));
  await cp(FIXTURES, folder, { recursive: true });
});
after(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function configWith(grpc: string): string {
  return `
listeners: { web: { address: 127.0.0.1:0 } }
services: { library: { endpoints: ["grpc://127.0.0.1:${server.port}"], grpc: ${grpc} } }
routes: { all: { match: { path: "/*" }, service: library, translate: { grpc: transcode } } }
admin: { address: 127.0.0.1:0 }
runtime: { threads: 2 }
`;
}

async function ask(port: number, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const options = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { ...options, headers });
  return { status: response.status, json: await response.json() };
}

describe('a gRPC service is called with JSON', () => {
  it('by a descriptor set, which stays in use when its file is broken', async () => {
    const path = join(folder, 'd.binpb');
    await cp(join(folder, 'fixtures.binpb'), path);
    await using gateway = await runGateway(configWith(`{ descriptors: "${path}" }`));
    assert.deepEqual(await ask(gateway.port, '/v1/books/1'), { status: 200, json: BOOK });
    await writeFile(path, (await readFile(path)).subarray(0, 1000));
    const { status, body } = await gateway.admin('/reload', 'POST');
    assert.notEqual(status, 200);
    assert.match(body, /no FileDescriptorSet/);
    assert.deepEqual(await ask(gateway.port, '/v1/books/1'), { status: 200, json: BOOK });
  });

  it('by sources', async () => {
    const grpc = `{ protos: ["${folder}/turnpike/test/all.proto"], importPaths: ["${folder}"] }`;
    await using gateway = await runGateway(configWith(grpc));
    assert.deepEqual(await ask(gateway.port, '/v1/books/1'), { status: 200, json: BOOK });
    const { status, json } = await ask(gateway.port, '/v1/books:find', { pages: 'many' });
    assert.equal(status, 400);
    assert.match(JSON.stringify(json), /pages/);
    const document = await gateway.admin('/services/library/openapi');
    assert.ok('/v1/books:find' in (JSON.parse(document.body) as { paths: object }).paths);
    assert.equal((await gateway.admin('/services/nobody/openapi')).status, 404);
  });

  it('by reflection, in every thread', async () => {
    await using gateway = await runGateway(configWith('{ reflection: true }'));
    if (!gateway.log.some(({ message }) => message === 'a service has described itself'))
      await gateway.logged('a service has described itself');
    const { body } = await gateway.admin('/readyz?verbose');
    const { descriptors } = JSON.parse(body) as { descriptors: { from: string; problem: string }[] };
    assert.deepEqual(
      descriptors.map(({ from, problem }) => [from, problem]),
      [['service', '']],
    );
    const document = await gateway.admin('/services/library/openapi');
    assert.equal(document.status, 200);
    assert.ok('/turnpike.test.Library/Get' in (JSON.parse(document.body) as { paths: object }).paths);
    for (let call = 0; call < 20; call++) {
      const answer = await ask(gateway.port, '/turnpike.test.Library/Get', { name: 'books/1' });
      assert.deepEqual(answer, { status: 200, json: BOOK });
    }
  });
});

describe('a gRPC service that has not described itself yet', () => {
  for (const [translate, type] of [
    ['transcode', 'application/json'],
    ['web', 'application/json'],
    ['web', 'application/connect+json'],
  ] as const)
    it(`is called with ${type} later, through ${translate}`, async () => {
      const config = configWith('{ reflection: true }')
        .replace(`:${server.port}`, ':1')
        .replace('grpc: transcode', `grpc: ${translate}`);
      await using gateway = await runGateway(config);
      const response = await fetch(`http://127.0.0.1:${gateway.port}/turnpike.test.Library/Get`, {
        method: 'POST',
        headers: { 'content-type': type, 'connect-protocol-version': '1' },
        body: '{}',
      });
      const isStream = type === 'application/connect+json';
      assert.equal(response.status, isStream ? 200 : 503);
      assert.equal(response.headers.get('retry-after'), '1');
      assert.match(await response.text(), /not known yet/);
    });
});
