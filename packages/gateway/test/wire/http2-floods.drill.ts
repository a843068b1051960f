// Floods of each kind for 30 s (`FLOOD_SECONDS=n`): what other clients notice of them, and what the gateway remembers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { reply, scriptedUpstream, answer, stall, type ScriptedUpstream } from '@turnpike/testkit';
import { runGateway, type RunningGateway } from '../../../../e2e/running-gateway.ts';
import { ask, http2Client, read } from './http2-client.ts';
import { BURDENS, FLOODS } from './http2-floods.ts';
import { frame, PREFACE, TYPE } from './http2-frames.ts';

const ATTACKS = { ...FLOODS, ...BURDENS };
const SECONDS = Number(process.env['FLOOD_SECONDS'] ?? 30);
const WARM_SECONDS = 8;
const ATTACKERS = 4;
/** What a flood of connections does is another question. */
const PAUSE_MS = 20;
/** Beside what the attackers cost, who share the machine with everybody else. */
const SLOWER = 2;
const LEEWAY_MS = 20;
const LARGE = 'x'.repeat(1024 * 1024);
const GROWTH_BYTES = 100 * 1024 * 1024;

/** Comes back soon after it was thrown out, and floods again. */
function attack(port: number, what: string): void {
  const flood = ATTACKS[what];
  if (flood === undefined) throw new Error(`nobody knows the flood ${what}`);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let round = 0;
  const more = (): void => {
    if (socket.destroyed) return;
    const part = flood.part(round++);
    if (part.length === 0) return;
    const isRoomy = socket.write(part);
    if (isRoomy) setImmediate(more);
    else socket.once('drain', more);
  };
  socket.on('error', () => {});
  socket.on('close', () => setTimeout(() => attack(port, what), PAUSE_MS));
  socket.on('connect', () => {
    socket.write(Buffer.concat([PREFACE, frame(TYPE.settings, 0, 0)]));
    more();
  });
  socket.resume();
}

async function p99Ms(session: ClientHttp2Session, seconds: number): Promise<number> {
  const taken: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const began = performance.now();
    const { status } = await read(ask(session, { ':path': '/quick' }));
    assert.equal(status, 200);
    taken.push(performance.now() - began);
  }
  taken.sort((a, b) => a - b);
  return taken[Math.floor(taken.length * 0.99)] ?? NaN;
}

/** All threads have work, so that the memory that V8 takes for any load is not taken for the doing of the flood. */
async function warmUp(port: number): Promise<void> {
  const load = spawn('h2load', ['-c20', '-m10', `-D${WARM_SECONDS}`, `http://127.0.0.1:${port}/quick`]);
  load.stdout.resume();
  const [code] = (await once(load, 'exit')) as [number | null];
  assert.equal(code, 0);
}

function residentBytes(gateway: RunningGateway): number {
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function drills(): void {
  describe('floods that go on', { timeout: Object.keys(ATTACKS).length * (SECONDS + 30) * 1000 }, () => {
    let upstream: ScriptedUpstream;
    before(async () => {
      upstream = await scriptedUpstream((talk) =>
        talk.target === '/slow' ? stall(talk) : answer(reply(talk.target === '/large' ? LARGE : 'ok'))(talk),
      );
    });
    after(() => upstream.close());

    for (const what of Object.keys(ATTACKS)) {
      it(`are borne: ${what}`, async (t: TestContext) => {
        await using gateway = await runGateway(`
listeners: { web: { address: 127.0.0.1:0, limits: { requestsPerConnection: 1000000 } } }
services: { all: { endpoints: [${upstream.url}], connections: { perEndpoint: 4000 } } }
routes: { all: { match: { path: /* }, service: all } }
admin: { address: 127.0.0.1:0 }
telemetry: { accessLog: off }
runtime: { threads: 2 }
`);
        await warmUp(gateway.port);
        const session = await http2Client(t, gateway.port);
        const quietMs = await p99Ms(session, 3);
        const before = residentBytes(gateway);
        const attackers = new Worker(new URL(import.meta.url), { workerData: { port: gateway.port, what } });
        try {
          const floodedMs = await p99Ms(session, SECONDS);
          const grown = residentBytes(gateway) - before;
          t.diagnostic(
            `p99 ${quietMs.toFixed(2)} ms, under attack ${floodedMs.toFixed(2)} ms; memory +${(grown / 2 ** 20).toFixed(0)} MiB`,
          );
          assert.ok(grown < GROWTH_BYTES, `${grown} bytes more`);
          assert.ok(floodedMs < SLOWER * quietMs + LEEWAY_MS, `${floodedMs} ms instead of ${quietMs} ms`);
        } finally {
          await attackers.terminate();
        }
      });
    }
  });
}

if (isMainThread) {
  drills();
} else {
  const { port, what } = workerData as { readonly port: number; readonly what: string };
  for (let i = 0; i < ATTACKERS; i++) attack(port, what);
}
