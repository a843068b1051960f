import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { answerWhole, fieldOf, reply, stall, type RawResponse, type Step } from '@turnpike/testkit';
import { chunks, codeOf, gateway, get, request } from '../wire/fixture.ts';

const MIB = 1024 * 1024;
/** A hundred MiB of nothing in about a hundred KiB. */
const BOMB = gzipSync(Buffer.alloc(100 * MIB));
const GZIP = 'Content-Encoding: gzip';
const JSON_TYPE = 'Content-Type: application/json';

/** Answers with the number of bytes that it got, and their sum, so that a changed byte is noticed. */
const counting: Step = answerWhole((body) => {
  return reply(`${body.length} ${body.reduce((sum, byte) => sum + byte, 0)}`);
});

function countOf(body: Buffer): string {
  return `${body.length} ${body.reduce((sum, byte) => sum + byte, 0)}`;
}

async function rig(t: TestContext, limits: object, upstream: Step = counting) {
  return gateway(t, {
    upstream,
    route: { policies: { limits } },
    listener: { limits: { bodyBytes: '4MiB' } },
  });
}

function post(body: Buffer, ...fields: readonly string[]): Buffer {
  const head = request('POST /', [...fields, `Content-Length: ${body.length}`]);
  return Buffer.concat([Buffer.from(head), body]);
}

/** The same in two chunks. */
function inChunks(body: Buffer, ...fields: readonly string[]): Buffer {
  const text = body.toString('latin1');
  const head = request('POST /?a', [...fields, 'Transfer-Encoding: chunked']);
  return Buffer.from(head + chunks([text.slice(0, 5), text.slice(5)]), 'latin1');
}

function assertRefused(response: RawResponse, status: number, code: string, rule: string): void {
  assert.equal(response.status, status);
  assert.equal(codeOf(response), code);
  assert.equal((JSON.parse(response.body.toString()) as { rule: string }).rule, rule);
}

/** Bytes that do not compress, so that they take many reads. */
function noise(length: number): Buffer {
  let seed = 1;
  return Buffer.from(Array.from({ length }, () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff));
}

describe('the size of what comes out of a body', () => {
  it('lets encoded bodies of any size through as they are', async (t) => {
    const { client } = await rig(t, { decompressedBytes: '4MiB', jsonDepth: 3 });
    const connection = await client();
    const text = Buffer.from(JSON.stringify([{ a: [noise(300_000).toString('base64')] }]));
    for (const body of [gzipSync('[1]'), gzipSync(text)]) {
      const response = await connection.ask(post(body, GZIP, JSON_TYPE));
      assert.equal(response.body.toString(), countOf(body));
    }
    const large = gzipSync(noise(MIB));
    assert.equal((await connection.ask(post(large, GZIP))).body.toString(), countOf(large));
    const twice = brotliCompressSync(gzipSync(text));
    const response = await connection.ask(post(twice, 'Content-Encoding: gzip, br', JSON_TYPE));
    assert.equal(response.body.toString(), countOf(twice));
  });

  it('cuts a bomb off, and the service gets nothing that it could set off', async (t) => {
    const { client, upstream, plane } = await rig(t, { decompressedBytes: '1MiB' }, stall);
    const response = await (await client()).ask(post(BOMB, GZIP));
    assertRefused(response, 413, 'BODY_TOO_LARGE', 'limits.decompressedBytes');
    await upstream.whenIdle();
    // What it got are bytes of which not even a MiB can be made.
    const got = upstream.requests.reduce((sum, talk) => sum + talk.bytesReceived(), 0);
    assert.ok(got < 4096, `${got} bytes`);
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'BODY_TOO_LARGE');
    assert.equal(plane.inflight(), 0);
  });

  it('cuts a small bomb off before the service hears of it', async (t) => {
    const { client, upstream } = await rig(t, { decompressedBytes: '1MiB' }, stall);
    const small = gzipSync(Buffer.alloc(10 * MIB));
    assert.ok(small.length < 16 * 1024);
    const response = await (await client()).ask(post(small, GZIP));
    assertRefused(response, 413, 'BODY_TOO_LARGE', 'limits.decompressedBytes');
    assert.equal(upstream.requests.length, 0);
  });

  it('cuts off what comes in chunks, however small', async (t) => {
    const { client, upstream } = await rig(t, { decompressedBytes: '1KiB' }, stall);
    const connection = await client();
    const text = gzipSync(Buffer.alloc(2000)).toString('latin1');
    await connection.send(request('POST /', [GZIP, 'Transfer-Encoding: chunked']));
    await connection.send(chunks(Array.from(text)));
    assertRefused(await connection.response(), 413, 'BODY_TOO_LARGE', 'limits.decompressedBytes');
    await upstream.whenIdle();
  });

  it('refuses what is not encoded as it says, and codings that it cannot look into', async (t) => {
    const { client, upstream } = await rig(t, { decompressedBytes: '1MiB' });
    const malformed = await (await client()).ask(post(Buffer.from('hello'), GZIP));
    assertRefused(malformed, 400, 'BAD_REQUEST', 'limits.decompressedBytes');
    const unknown = await (await client()).ask(post(Buffer.from('hello'), 'Content-Encoding: compress'));
    assertRefused(unknown, 415, 'UNSUPPORTED_MEDIA_TYPE', 'limits.decompressedBytes');
    assert.equal(fieldOf(unknown, 'accept-encoding'), 'gzip, deflate, br, zstd');
    assert.equal(upstream.requests.length, 0);
  });

  it('refuses a long body that breaks off before its coding does', async (t) => {
    const { client, upstream } = await rig(t, { decompressedBytes: '4MiB' }, stall);
    const body = gzipSync(noise(MIB));
    const response = await (await client()).ask(post(body.subarray(0, -10), GZIP));
    assertRefused(response, 400, 'BAD_REQUEST', 'limits.decompressedBytes');
    await upstream.whenIdle();
  });

  it('lets a client that leaves midway go, and its request with it', async (t) => {
    const { client, upstream, plane } = await rig(t, { decompressedBytes: '4MiB' }, stall);
    const connection = await client();
    const body = post(gzipSync(noise(MIB)), GZIP);
    await connection.send(body.subarray(0, MIB / 2));
    await upstream.request(0);
    connection.reset();
    await upstream.whenIdle();
    await plane.lines(1);
    assert.equal(plane.inflight(), 0);
  });
});

describe('the depth of a JSON body', () => {
  it('is counted on its way, in whatever pieces it comes', async (t) => {
    const { client, upstream } = await rig(t, { jsonDepth: 3 });
    const fine = Buffer.from(JSON.stringify({ a: [['[[[', '\\"[', 1]], b: {} }));
    const connection = await client();
    assert.equal((await connection.ask(post(fine, JSON_TYPE))).body.toString(), countOf(fine));
    const head = request('POST /', [JSON_TYPE, 'Transfer-Encoding: chunked']);
    await connection.send(head + chunks(Array.from(fine.toString())));
    assert.equal((await connection.response()).body.toString(), countOf(fine));
    assertRefused(
      await connection.ask(post(Buffer.from('[[[[]]]]'), JSON_TYPE)),
      400,
      'BODY_TOO_DEEP',
      'limits.jsonDepth',
    );
    assert.equal(upstream.requests.length, 2);
  });

  it('ends a long body at the bracket that is too much', async (t) => {
    const { client, upstream, plane } = await rig(t, { jsonDepth: 100 }, stall);
    const connection = await client();
    const body = Buffer.from(`[${'{"a":1},'.repeat(50_000)}${'['.repeat(100_000)}`);
    assertRefused(await connection.ask(post(body, JSON_TYPE)), 400, 'BODY_TOO_DEEP', 'limits.jsonDepth');
    await upstream.whenIdle();
    const [line] = await plane.lines(1);
    assert.equal(line?.['code'], 'BODY_TOO_DEEP');
  });

  it('is looked at only in JSON', async (t) => {
    const { client } = await rig(t, { jsonDepth: 1 });
    const body = Buffer.from('[[[[');
    for (const fields of [[], ['Content-Type: text/plain']]) {
      const response = await (await client()).ask(post(body, ...fields));
      assert.equal(response.body.toString(), countOf(body));
    }
  });
});

describe('the counts of a head', () => {
  it('are limited for a route as well', async (t) => {
    const { client, upstream } = await rig(t, { headerCount: 4, queryCount: 2 });
    const connection = await client();
    assert.equal((await connection.ask(get('/?a&b', 'A: 1', 'B: 2', 'C: 3'))).status, 200);
    const fields = await connection.ask(get('/', 'A: 1', 'B: 2', 'C: 3', 'D: 4'));
    assertRefused(fields, 431, 'HEAD_TOO_LARGE', 'limits.headerCount');
    const query = await connection.ask(get('/?a&b&c'));
    assertRefused(query, 400, 'INVALID_REQUEST', 'limits.queryCount');
    assert.equal(upstream.requests.length, 1);
  });
});

describe('limits in report mode', () => {
  const limits = {
    bodyBytes: 10,
    decompressedBytes: 10,
    jsonDepth: 1,
    headerCount: 1,
    queryCount: 0,
    mode: 'report',
  };
  const deep = Buffer.from('[[[['.repeat(10_000));
  const table: readonly (readonly [what: string, message: Buffer])[] = [
    ['a deep body', post(deep, JSON_TYPE)],
    ['a deep body in chunks', inChunks(deep, JSON_TYPE)],
    ['a bomb', post(BOMB, GZIP, JSON_TYPE)],
    ['a bomb in chunks', inChunks(BOMB, GZIP)],
    ['a coding that nobody knows', post(Buffer.from('hello'), 'Content-Encoding: compress')],
    ['a malformed coding', inChunks(Buffer.from('hello, world'), GZIP)],
    ['a coding that breaks off', inChunks(BOMB.subarray(0, 60), GZIP)],
    ['JSON in UTF-16', post(Buffer.from('[[1]]', 'utf16le'), JSON_TYPE)],
    ['a charset that nobody knows', inChunks(deep, `${JSON_TYPE}; charset=ibm037`)],
  ];
  for (const [what, message] of table) {
    it(`send the service the bytes that it gets without them, for ${what}`, async (t) => {
      const heads: string[] = [];
      const bodies: Buffer[] = [];
      for (const policies of [{}, { limits }]) {
        const { client, upstream } = await gateway(t, { upstream: counting, route: { policies } });
        const response = await (await client()).ask(message);
        assert.equal(response.status, 200);
        const talk = await upstream.request(0);
        heads.push(talk.head.replaceAll(/X-Request-Id: .*|:\d+\b|X-Forwarded-Port: \d+/g, ''));
        bodies.push((await talk.whole()).body, response.body);
      }
      assert.equal(heads[1], heads[0]);
      assert.ok(bodies[2]?.equals(bodies[0] ?? Buffer.of()));
      assert.ok(bodies[3]?.equals(bodies[1] ?? Buffer.of()));
    });
  }
});
