import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openAccessLog } from './access-log.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { until } from './observe-testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'turnpike-log-'));
after(() => rmSync(folder, { recursive: true }));

const ids = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => String(JSON.parse(line).requestId));
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));
const size = (path: string) => statSync(path).size;

function fifo(name: string) {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return fifoReader(path);
}

/** Reads from a FIFO when it is told, and gives everything so far. */
function fifoReader(path: string) {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunk = Buffer.alloc(1 << 20);
  let text = '';
  return {
    path,
    read() {
      try {
        for (let n = -1; n !== 0;) text += chunk.toString('latin1', 0, (n = readSync(fd, chunk)));
      } catch {
        // EAGAIN: there is no more for now
      }
      return text;
    },
    close: () => closeSync(fd),
  };
}

describe('the access log in a file', () => {
  it('writes what is left when it is closed', async () => {
    const path = join(folder, 'closed');
    const log = openAccessLog({ to: path });
    for (const id of numbered(50)) log.record(exchangeFrom({ id }), 1001);
    await log.close();
    assert.deepEqual(ids(readFileSync(path, 'utf8')), numbered(50));
    assert.equal(log.dropped, 0);
  });

  it('writes by itself after a while', async () => {
    const path = join(folder, 'timed');
    const log = openAccessLog({ to: path });
    log.record(exchangeFrom(), 1001);
    await until(() => size(path) > 0);
    log.record(exchangeFrom(), 1001);
    await until(() => ids(readFileSync(path, 'utf8')).length === 2);
    await log.close();
  });

  it('writes more than its buffers hold, in order', async () => {
    const path = join(folder, 'many');
    const log = openAccessLog({ to: path });
    for (let batch = 0; batch < 40; batch++) {
      for (const id of numbered(100, batch * 100)) log.record(exchangeFrom({ id }), 1001);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await log.close();
    assert.equal(log.dropped, 0);
    assert.deepEqual(ids(readFileSync(path, 'utf8')), numbered(4000));
  });

  it('drops and counts what comes after it was closed', async () => {
    const log = openAccessLog({ to: join(folder, 'late') });
    await log.close();
    log.record(exchangeFrom(), 1001);
    assert.equal(log.dropped, 1);
  });

  it('goes on in a new file after rotation', async () => {
    const path = join(folder, 'rotated');
    const log = openAccessLog({ to: path });
    for (const id of numbered(1000)) log.record(exchangeFrom({ id }), 1001); // enough to begin a write
    renameSync(path, `${path}.1`);
    await log.reopen();
    for (const id of numbered(10, 1000)) log.record(exchangeFrom({ id }), 1001);
    await log.close();
    const both = [...ids(readFileSync(`${path}.1`, 'utf8')), ...ids(readFileSync(path, 'utf8'))];
    assert.deepEqual(both, numbered(1010));
    assert.ok(ids(readFileSync(path, 'utf8')).includes('1009'));
    assert.ok(size(`${path}.1`) > 0);
  });

  it('keeps the old file when the new cannot be opened', async () => {
    const inner = join(folder, 'inner');
    execFileSync('mkdir', [inner]);
    const log = openAccessLog({ to: join(inner, 'log') });
    renameSync(inner, `${inner}.gone`);
    await assert.rejects(log.reopen(), { code: 'ENOENT' });
    log.record(exchangeFrom({ id: 'kept' }), 1001);
    await log.close();
    assert.deepEqual(ids(readFileSync(join(`${inner}.gone`, 'log'), 'utf8')), ['kept']);
  });

  it('survives a full disk and tells how much was lost, and before that why it will be', async () => {
    const told: number[] = [];
    const reasons = new Set<string>();
    const failures: unknown[] = [];
    const log = openAccessLog({
      to: '/dev/full',
      whenFailing: (error) => failures.push(error),
      whenDropped(lines, problem) {
        told.push(lines);
        reasons.add(problem);
      },
    });
    log.record(exchangeFrom({ id: 'first' }), 1001);
    await until(() => failures.length > 0);
    assert.equal(log.dropped, 0);
    for (const id of numbered(40_000)) log.record(exchangeFrom({ id }), 1001);
    const during = log.dropped;
    assert.ok(during > 5000 && during < 40_000);
    await until(() => told.length > 0);
    assert.deepEqual(told, [during]);
    await log.close();
    assert.equal(log.dropped, 40_001);
    assert.equal(
      told.reduce((sum, lines) => sum + lines, 0),
      40_001,
    );
    assert.deepEqual([...reasons], ['ENOSPC']);
    assert.equal(failures.length, 1, 'it is one failure, however often it is tried again');
  });

  it('keeps the lines of several threads whole', async () => {
    const path = join(folder, 'shared');
    await Promise.all(numbered(4).map((thread) => loggingThread(path, thread, 2000)));
    const found = ids(readFileSync(path, 'utf8'));
    assert.equal(found.length, 8000);
    for (const thread of numbered(4)) {
      assert.deepEqual(
        found.filter((id) => id.startsWith(`${thread}-`)),
        numbered(2000).map((i) => `${thread}-${i}`),
      );
    }
  });
});

describe('the access log in a pipe', () => {
  it('drops and counts, without waiting, while nobody reads, and goes on afterwards', async () => {
    const pipe = fifo('blocked');
    const log = openAccessLog({ to: pipe.path });
    for (const id of numbered(40_000)) log.record(exchangeFrom({ id }), 1001);
    const lost = log.dropped;
    assert.ok(lost > 500, String(lost));
    await until(() => ids(pipe.read()).length === 40_000 - lost);
    log.record(exchangeFrom({ id: 'after' }), 1001);
    await log.close();
    assert.deepEqual(ids(pipe.read()), [...numbered(40_000 - lost), 'after']);
    assert.equal(log.dropped, lost);
    pipe.close();
  });

  it('survives a reader that goes away, and writes to the next one', async () => {
    const pipe = fifo('broken');
    const log = openAccessLog({ to: pipe.path });
    pipe.close();
    for (const id of numbered(200)) log.record(exchangeFrom({ id }), 1001); // enough to meet EPIPE
    const next = fifoReader(pipe.path);
    const closing = log.close();
    await until(() => ids(next.read()).length === 200);
    await closing;
    next.close();
    assert.equal(log.dropped, 0);
  });

  it('gives up on a reader that does not read when it is closed', async () => {
    const pipe = fifo('stuck');
    const log = openAccessLog({ to: pipe.path });
    for (const id of numbered(1000)) log.record(exchangeFrom({ id }), 1001);
    await log.close();
    const whole = pipe.read().split('\n').slice(0, -1).length;
    assert.equal(whole + log.dropped, 1000);
    pipe.close();
  });

  it('refuses a FIFO without a reader instead of waiting', () => {
    const path = join(folder, 'unread');
    execFileSync('mkfifo', [path]);
    assert.throws(() => openAccessLog({ to: path }), { code: 'ENXIO' });
  });

  for (const [what, command] of [
    ['a pipe', '"$0" --input-type=commonjs -e "$1" | cat'],
    ['a socket', 'exec "$0" --input-type=commonjs -e "$1"'],
  ] as const) {
    it(`keeps the lines of several threads whole on stdout when it is ${what}`, async () => {
      const program = `
        const { Worker } = require('node:worker_threads');
        for (const thread of [0, 1, 2, 3]) new Worker(${JSON.stringify(threadProgram)}, {
          eval: true, workerData: { to: 'stdout', thread: String(thread), lines: 2000 } });`;
      const child = spawn('sh', ['-c', command, process.execPath, program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      for await (const chunk of child.stdout) text += String(chunk);
      assert.equal(ids(text).length, 8000);
    });
  }
});

/** Logs so many lines from a worker, pausing so that none has to be dropped. */
const threadProgram = `
  const { workerData: { to, thread, lines } } = require('node:worker_threads');
  const load = (name) => import(new URL(name, ${JSON.stringify(import.meta.url)}).href);
  Promise.all([load('./access-log.ts'), load('../core/exchange-testing.ts')]).then(async ([{ openAccessLog }, { exchangeFrom }]) => {
    const log = openAccessLog({ to });
    for (let i = 0; i < lines; i++) {
      log.record(exchangeFrom({ id: thread + '-' + i }), 1001);
      if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await log.close();
    if (log.dropped > 0) throw new Error(log.dropped + ' lines dropped');
  });`;

function loggingThread(to: string, thread: string, lines: number): Promise<void> {
  const worker = new Worker(threadProgram, { eval: true, workerData: { to, thread, lines } });
  return new Promise((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject));
}
