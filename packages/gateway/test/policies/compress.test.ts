import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { answer, chunkedReply, fieldOf, partial, reply, type RawResponse } from '@turnpike/testkit';
import { gateway, get, request } from '../wire/fixture.ts';

const TEXT = 'the same words again and again, '.repeat(100);
const LARGE = 'x'.repeat(300_000) + TEXT.repeat(100);

const UNDO = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

interface Ask {
  readonly accept?: string;
  readonly line?: string;
  readonly policy?: unknown;
}

/** The response of a gateway to one client, and some of its fields. */
async function ask(t: TestContext, upstream: string, plan: Ask = {}): Promise<RawResponse> {
  const { accept = 'gzip', line = 'GET /', policy = 'on' } = plan;
  const rig = await gateway(t, { upstream: answer(upstream), route: { policies: { compress: policy } } });
  const client = await rig.client();
  return client.ask(
    request(line, accept === '' ? [] : [`Accept-Encoding: ${accept}`]),
    line.split(' ', 1)[0],
  );
}

function fields(response: RawResponse, ...names: readonly string[]): (string | undefined)[] {
  return names.map((name) => fieldOf(response, name));
}

const json = (body: string, ...fields: string[]): string =>
  reply(body, ['Content-Type: application/json; charset=utf-8', ...fields]);

function undone(response: RawResponse): string {
  const coding = fieldOf(response, 'content-encoding') as keyof typeof UNDO;
  return UNDO[coding](response.body).toString('latin1');
}

describe('compress', () => {
  for (const body of [TEXT, LARGE]) {
    for (const coding of Object.keys(UNDO)) {
      it(`sends ${body.length} bytes as ${coding}`, async (t) => {
        const response = await ask(t, json(body), { accept: coding });
        assert.deepEqual(fields(response, 'content-encoding', 'vary'), [coding, 'Accept-Encoding']);
        assert.ok(response.body.length < body.length / 10);
        assert.equal(undone(response), body);
      });
    }
  }

  it('keeps the order of what comes in chunks', async (t) => {
    const parts = Array.from({ length: 300 }, (_, i) => `${i} ${TEXT}`);
    const upstream = chunkedReply(parts, [], ['Content-Type: text/plain']);
    const response = await ask(t, upstream, { accept: 'zstd' });
    assert.equal(undone(response), parts.join(''));
  });

  it('says what it varies by when it sends something as it is', async (t) => {
    const response = await ask(t, json(TEXT, 'ETag: "a"'), { accept: '' });
    assert.deepEqual(fields(response, 'content-encoding', 'vary', 'etag'), [
      undefined,
      'Accept-Encoding',
      '"a"',
    ]);
    assert.equal(response.body.toString(), TEXT);
  });

  it('takes away what is true of other bytes', async (t) => {
    const response = await ask(
      t,
      json(TEXT, 'ETag: "a"', 'Accept-Ranges: bytes', 'Content-Digest: sha-256=:eA==:', 'Vary: Origin'),
    );
    assert.deepEqual(fields(response, 'etag', 'vary', 'accept-ranges', 'content-digest'), [
      'W/"a"',
      'Origin, Accept-Encoding',
      undefined,
      undefined,
    ]);
  });

  it('tells HEAD what GET would get, but for its length', async (t) => {
    const head = `HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nContent-Length: 5000\r\nETag: "a"\r\n\r\n`;
    const response = await ask(t, head, { line: 'HEAD /' });
    assert.deepEqual(fields(response, 'vary', 'etag', 'content-length'), [
      'Accept-Encoding',
      'W/"a"',
      undefined,
    ]);
  });

  const asTheyAre: Readonly<Record<string, string>> = {
    'short bodies': json('short'),
    'other types': reply(TEXT, ['Content-Type: image/png']),
    'bodies without a type': reply(TEXT),
    'coded bodies': json(TEXT, 'Content-Encoding: identity2'),
    'what says no-transform': json(TEXT, 'Cache-Control: public, No-Transform'),
    parts: json(TEXT, 'Content-Range: bytes 0-3199/5000').replace('200 OK', '206 Partial Content'),
    gRPC: reply(TEXT, ['Content-Type: application/grpc+json']),
  };
  for (const [what, upstream] of Object.entries(asTheyAre)) {
    it(`leaves ${what} as they are`, async (t) => {
      const response = await ask(t, upstream);
      assert.notEqual(fieldOf(response, 'content-encoding'), 'gzip');
      assert.equal(fieldOf(response, 'vary'), undefined);
      assert.ok(upstream.endsWith(response.body.toString()));
    });
  }

  it('counts what it would have done', async (t) => {
    const rig = await gateway(t, {
      upstream: answer(json(TEXT)),
      route: { policies: { compress: { mode: 'report' } } },
    });
    const client = await rig.client();
    const response = await client.ask(get('/', 'Accept-Encoding: br'));
    assert.equal(response.body.toString(), TEXT);
    assert.match(rig.plane.metrics(), /turnpike_policy_decisions_total\{[^}]*compress[^}]*br[^}]*\} 1/);
  });

  it('breaks off when the service does', async (t) => {
    const rig = await gateway(t, {
      upstream: partial(
        `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 90000\r\n\r\n${TEXT}`,
        'reset',
      ),
      route: { policies: { compress: 'on' } },
    });
    const client = await rig.client();
    await client.send(get('/', 'Accept-Encoding: gzip'));
    await client.closed();
    const [line] = await rig.plane.lines(1);
    assert.equal(line?.['code'], 'UPSTREAM_INCOMPLETE');
  });
});
