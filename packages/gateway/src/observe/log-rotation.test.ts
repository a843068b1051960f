import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import type { Log } from '../core/ports.ts';
import { LogRotation } from './log-rotation.ts';
import type { RotatedFile } from './rotated-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'turnpike-rotation-'));
after(() => rmSync(folder, { recursive: true }));

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 23, 12);
let sites = 0;

/** A log file in a folder of its own, and a clock that is driven. */
function site(settings: Partial<RotatedFile> = {}) {
  const path = join(mkdtempSync(join(folder, `site-${++sites}-`)), 'access.log');
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => void warnings.push(message) };
  const state = { nowMs: NOON, reopened: 0, isWhole: true };
  const rotation = new LogRotation({
    log,
    nowMs: () => state.nowMs,
    reopen: () => {
      state.reopened++;
      return Promise.resolve(state.isWhole);
    },
  });
  const file: RotatedFile = { path, sizeBytes: null, everyMs: null, keep: 3, gzip: false, ...settings };
  rotation.use([file]);
  const old = () => names(path);
  return { path, file, rotation, state, warnings, old };
}

/** What lies beside a log file, the oldest first. */
function names(path: string): string[] {
  return readdirSync(join(path, '..'))
    .filter((name) => name !== basename(path))
    .sort();
}

describe('rotation of log files', () => {
  it('begins a new file when the old one is large enough, and only then', async () => {
    const { path, rotation, state, old } = site({ sizeBytes: 10 });
    writeFileSync(path, '123456789');
    await rotation.look();
    assert.deepEqual([old(), state.reopened], [[], 0]);
    appendFileSync(path, '0');
    await rotation.look();
    assert.deepEqual(old(), ['access.log.20261123T120000.000Z']);
    assert.deepEqual([existsSync(path), state.reopened], [false, 1]);
  });

  it('begins a new file with each period, also after a restart, and none without lines', async () => {
    const { path, rotation, state, old } = site({ everyMs: DAY });
    writeFileSync(path, 'of yesterday');
    utimesSync(path, (NOON - DAY) / 1000, (NOON - DAY) / 1000);
    await rotation.look();
    assert.equal(old().length, 1);
    writeFileSync(path, 'of today');
    state.nowMs += DAY / 2 - 1;
    await rotation.look();
    assert.equal(old().length, 1);
    state.nowMs += 1;
    await rotation.look();
    assert.deepEqual(old(), ['access.log.20261123T120000.000Z', 'access.log.20261124T000000.000Z']);
    state.nowMs += 3 * DAY;
    await rotation.look();
    assert.equal(old().length, 2);
  });

  it('keeps so many old ones, compressed, and touches nothing else', async () => {
    const { path, rotation, state, old } = site({ sizeBytes: 1, keep: 2, gzip: true });
    for (const name of ['access.log.1', 'access.log.bak', 'other.log.20261123T120000.000Z'])
      writeFileSync(join(path, '..', name), name);
    for (let i = 0; i < 4; i++) {
      writeFileSync(path, `part ${i}`);
      state.nowMs += 1000;
      await rotation.look();
    }
    const ours = old().filter((name) => name.endsWith('.gz'));
    assert.deepEqual(ours, ['access.log.20261123T120003.000Z.gz', 'access.log.20261123T120004.000Z.gz']);
    const texts = ours.map((name) => String(gunzipSync(readFileSync(join(path, '..', name)))));
    assert.deepEqual(texts, ['part 2', 'part 3']);
    assert.equal(old().length, 5);
  });

  it('keeps none if it is told so', async () => {
    const { path, rotation, old } = site({ sizeBytes: 1, keep: 0 });
    writeFileSync(path, 'a');
    await rotation.look();
    assert.deepEqual(old(), []);
  });

  it('finishes what a process before it has left behind', async () => {
    const { path, rotation, old } = site({ sizeBytes: 100, gzip: true });
    writeFileSync(`${path}.20261122T120000.000Z`, 'left');
    writeFileSync(`${path}.20261122T120000.000Z.gz.half`, 'broken off');
    await rotation.look();
    assert.deepEqual(old(), ['access.log.20261122T120000.000Z.gz']);
  });

  it('compresses nothing as long as somebody writes to it, and then does', async () => {
    const { path, rotation, state, old } = site({ sizeBytes: 1, gzip: true });
    writeFileSync(path, 'a');
    state.isWhole = false;
    await rotation.look();
    await rotation.look();
    assert.deepEqual(old(), ['access.log.20261123T120000.000Z']);
    state.isWhole = true;
    await rotation.look();
    assert.deepEqual(old(), ['access.log.20261123T120000.000Z.gz']);
    assert.equal(state.reopened, 3);
  });

  it('overwrites nothing when the clock goes back', async () => {
    const { path, rotation, state, old } = site({ sizeBytes: 1 });
    writeFileSync(path, 'first');
    await rotation.look();
    writeFileSync(path, 'second');
    await rotation.look();
    assert.equal(readFileSync(path, 'utf8'), 'second');
    state.nowMs += 1;
    await rotation.look();
    assert.equal(old().length, 2);
  });

  it('leaves alone what is no regular file, and what cannot be moved', async () => {
    const { path, rotation, warnings, state } = site({ sizeBytes: 1 });
    symlinkSync('/dev/null', path);
    await rotation.look();
    assert.deepEqual([state.reopened, warnings], [0, []]);
    const gone = site({ sizeBytes: 1 });
    rmSync(join(gone.path, '..'), { recursive: true });
    await gone.rotation.look();
    assert.deepEqual(gone.warnings, ['old log files cannot be tidied up']);
    await gone.rotation.look();
    assert.equal(gone.warnings.length, 1);
  });

  it('loses and cuts no line of several threads that write all the time', async () => {
    const { path, file, state, old } = site({ sizeBytes: 64 * 1024, keep: 1000, gzip: true });
    const threads = Array.from({ length: 4 }, (_, i) => writer(path, String(i)));
    await Promise.all(threads.map(({ ready }) => ready));
    const rotation = new LogRotation({
      log: { debug() {}, info() {}, warn: (message) => assert.fail(message), error() {} },
      nowMs: () => (state.nowMs += 1),
      reopen: async () => (await Promise.all(threads.map(({ reopen }) => reopen()))).every(Boolean),
    });
    rotation.use([file]);
    while (old().length < 6) await rotation.look();
    const counts = await Promise.all(threads.map(({ stop }) => stop()));
    const text = [
      ...old().map((name) => String(gunzipSync(readFileSync(join(path, '..', name))))),
      readFileSync(path, 'utf8'),
    ].join('');
    const ids = text
      .split('\n')
      .slice(0, -1)
      .map((line) => String(JSON.parse(line).requestId));
    for (const [thread, count] of counts.entries()) {
      const own = ids.filter((id) => id.startsWith(`${thread}-`));
      assert.deepEqual(
        own,
        Array.from({ length: count }, (_, i) => `${thread}-${i}`),
      );
    }
  });
});

/** A thread that writes lines until it is told to stop, and opens the file anew when it is told to. */
function writer(path: string, thread: string) {
  const program = `
    const { parentPort, workerData: { to, thread } } = require('node:worker_threads');
    const load = (name) => import(new URL(name, ${JSON.stringify(import.meta.url)}).href);
    Promise.all([load('./access-log.ts'), load('../core/exchange-testing.ts')]).then(async ([{ openAccessLog }, { exchangeFrom }]) => {
      const log = openAccessLog({ to });
      let [count, isStopped] = [0, false];
      parentPort.on('message', async (message) => {
        if (message === 'stop') isStopped = true;
        else parentPort.postMessage(await log.reopen().then(() => true));
      });
      parentPort.postMessage('ready');
      while (!isStopped) {
        for (let i = 0; i < 20; i++) log.record(exchangeFrom({ id: thread + '-' + count++ }), 1001);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await log.close();
      if (log.dropped > 0) throw new Error(log.dropped + ' lines dropped');
      parentPort.postMessage(count);
      parentPort.close();
    });`;
  const worker = new Worker(program, { eval: true, workerData: { to: path, thread } });
  const waiting: ((message: unknown) => void)[] = [];
  worker.on('message', (message) => waiting.shift()?.(message));
  const next = () =>
    new Promise((resolve, reject) => {
      waiting.push(resolve);
      worker.once('error', reject);
    });
  const asked = (question: string) => {
    const answer = next();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- to a thread, not to a window
    worker.postMessage(question);
    return answer;
  };
  return {
    ready: next(),
    reopen: () => asked('reopen').then((answer) => answer === true),
    stop: () => asked('stop').then(Number),
  };
}
