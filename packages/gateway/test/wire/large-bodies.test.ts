import assert from 'node:assert/strict';
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as send, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { within } from '@turnpike/testkit';
import { gateway, type Rig } from './fixture.ts';

const MIB = 1024 * 1024;
const SIZE = 100 * MIB;
/** What may be held at a time in client, gateway and service together, on a machine that is busy with other tests. */
const MOST_HELD = 64 * MIB;
/** A look collects garbage first, and has to leave time for the work. */
const LOOK_MS = 200;
const PIECE = Buffer.from(Array.from({ length: 65_521 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

/** 100 MiB of the same bytes, made as they are asked for. */
function* pieces(): Generator<Buffer> {
  for (let left = SIZE; left > 0; left -= PIECE.length) yield PIECE.subarray(0, Math.min(left, PIECE.length));
}

const EXPECTED = digest(createHash('sha256'), pieces());

function digest(hash: Hash, parts: Iterable<Buffer>): string {
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Reads all of it; `pauseMs` now and then, so that the sender has to wait. */
async function drain(incoming: IncomingMessage, pauseMs: number): Promise<string> {
  const hash = createHash('sha256');
  let sincePause = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    hash.update(piece);
    sincePause += piece.length;
    if (pauseMs === 0 || sincePause < 10 * MIB) continue;
    sincePause = 0;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return hash.digest('hex');
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in buffers that something refers to, at most, while `work` runs. */
async function mostHeld(work: Promise<unknown>): Promise<number> {
  collect();
  const base = process.memoryUsage().arrayBuffers;
  let most = 0;
  const look = setInterval(() => {
    collect();
    most = Math.max(most, process.memoryUsage().arrayBuffers - base);
  }, LOOK_MS);
  try {
    await work;
  } finally {
    clearInterval(look);
  }
  return most;
}

interface Speeds {
  readonly readerPauseMs: number;
  readonly chunked: boolean;
}

async function service(t: TestContext, { readerPauseMs, chunked }: Speeds): Promise<Rig> {
  const server = createServer((incoming, response) => {
    if (incoming.method === 'GET') {
      response.writeHead(200, chunked ? {} : { 'Content-Length': SIZE });
      Readable.from(pieces()).pipe(response);
      return;
    }
    void drain(incoming, readerPauseMs).then((hash) => response.end(hash));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return gateway(t, {
    upstream: () => {},
    service: { endpoints: [`http://127.0.0.1:${port}`] },
    route: { policies: { limits: { bodyBytes: '1GiB' } } },
  });
}

describe('bodies of 100 MiB', () => {
  for (const chunked of [false, true]) {
    for (const readerPauseMs of [0, 20]) {
      const how = `${chunked ? 'in chunks' : 'by length'}, ${readerPauseMs === 0 ? 'fast' : 'slow'} reader`;

      it(`streams a download with little memory (${how})`, async (t) => {
        const { plane } = await service(t, { readerPauseMs, chunked });
        const outgoing = send({ port: plane.port, host: '127.0.0.1', agent: false }).end();
        const work = (async () => {
          const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
          assert.equal(await drain(incoming, readerPauseMs), EXPECTED);
        })();
        const held = await mostHeld(within(work, 'a download', 120_000));
        assert.ok(held < MOST_HELD, `${Math.round(held / MIB)} MiB were held`);
      });

      it(`streams an upload with little memory (${how})`, async (t) => {
        const { plane } = await service(t, { readerPauseMs, chunked });
        const headers = chunked ? {} : { 'Content-Length': SIZE };
        const outgoing = send({ port: plane.port, host: '127.0.0.1', agent: false, method: 'POST', headers });
        Readable.from(pieces()).pipe(outgoing);
        const work = (async () => {
          const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
          let hash = '';
          for await (const piece of incoming) hash += String(piece);
          assert.equal(hash, EXPECTED);
        })();
        const held = await mostHeld(within(work, 'an upload', 120_000));
        assert.ok(held < MOST_HELD, `${Math.round(held / MIB)} MiB were held`);
      });
    }
  }
});
