import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { manualClock } from '../../../../testkit/src/manual-clock.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { random } from '../../core/random.ts';
import { until } from '../observe-testing.ts';
import { OtlpExporter, type CollectorRequest } from './otlp-exporter.ts';
import { decodeExport } from './otlp-testing.ts';
import type { CollectorAnswer } from './otlp-answer.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import { beginMessage } from './otlp-values.ts';
import { writeCommon } from './span-fields.ts';

const SETTINGS: OtlpSettings = {
  url: 'http://collector/v1/traces',
  headers: { 'x-key': 'secret' },
  compression: 'gzip',
  timeoutMs: 10_000,
  authorities: null,
  resource: [['service.name', 'gateway']],
};
const OK: CollectorAnswer = { status: 200, headers: new Map(), body: new Uint8Array() };
const BUSY: CollectorAnswer = { ...OK, status: 503 };

/** An exporter whose time and collector do as they are told. */
function world(answer: () => CollectorAnswer | Promise<CollectorAnswer>) {
  const clock = manualClock();
  const timers = new Set<{ readonly atMs: number; readonly callBack: () => void }>();
  const posts: CollectorRequest[] = [];
  const counts = { exported: 0, full: 0, failed: 0, rejected: 0 };
  const logged: string[] = [];
  const log = { debug() {}, info: note, warn: note, error: note };
  function note(message: string): void {
    logged.push(message);
  }
  const exporter = new OtlpExporter('traces', {
    post: async (_url, request) => {
      posts.push(request);
      return answer();
    },
    after(ms, callBack) {
      const timer = { atMs: clock.now() + ms, callBack };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    clock,
    random: random(1),
    log,
    version: '1.0.0',
    count: (outcome, items) => (counts[outcome] += items),
  });
  exporter.use(SETTINGS);
  return {
    exporter,
    posts,
    counts,
    logged,
    timers,
    pass(ms: number): void {
      clock.advance(ms);
      const due = Array.from(timers).filter(({ atMs }) => atMs <= clock.now());
      for (const timer of due) {
        timers.delete(timer);
        timer.callBack();
      }
    },
    spans: () => posts.map(({ body }) => spanNames(body)),
  };
}

function batch(name: string, items = 1) {
  const writer = new WireWriter();
  for (let n = 0; n < items; n++) {
    const start = beginMessage(writer, ITEM_FIELD);
    writeCommon(writer, name, { kind: 'server', attributes: [] });
    writer.end(start);
  }
  return { signal: 'traces', items, bytes: writer.finish() } as const;
}

function spanNames(body: Uint8Array): string[] {
  return decodeExport('traces', gunzipSync(body)).items.map(({ name }) => name);
}

describe('an exporter of OTLP', () => {
  it('sends what came within a second together', async () => {
    const { exporter, posts, pass, spans, counts } = world(() => OK);
    exporter.take(batch('a'));
    exporter.take(batch('b'));
    pass(999);
    assert.equal(posts.length, 0);
    pass(1);
    await until(() => counts.exported === 2);
    assert.deepEqual(spans(), [['a', 'b']]);
    assert.equal(posts[0]?.headers['content-encoding'], 'gzip');
    assert.equal(posts[0]?.headers['content-type'], 'application/x-protobuf');
    assert.equal(posts[0]?.headers['x-key'], 'secret');
    assert.equal(posts[0]?.timeoutMs, 10_000);
  });

  it('does not wait when there are 512', async () => {
    const { exporter, spans, counts } = world(() => OK);
    exporter.take(batch('a', 300));
    exporter.take(batch('b', 300));
    await until(() => counts.exported === 300);
    assert.deepEqual(
      spans().map((names) => names.length),
      [300],
    );
  });

  it('tries again what a busy collector did not take, later and later', async () => {
    let isBusy = true;
    const { exporter, posts, pass, counts, logged, timers } = world(() => (isBusy ? BUSY : OK));
    exporter.take(batch('a'));
    pass(1000);
    await until(() => posts.length === 1 && timers.size === 1);
    pass(799);
    assert.equal(timers.size, 1);
    pass(401);
    await until(() => posts.length === 2 && timers.size === 1);
    isBusy = false;
    pass(1599);
    assert.equal(posts.length, 2);
    pass(801);
    await until(() => counts.exported === 1);
    assert.equal(posts.length, 3);
    assert.deepEqual(logged, ['telemetry is not exported', 'telemetry is exported again']);
  });

  it('waits as long as the collector asks', async () => {
    const answers = [{ ...BUSY, headers: new Map([['retry-after', '7']]) }, OK];
    const { exporter, posts, pass, counts, timers } = world(() => answers.shift() ?? OK);
    exporter.take(batch('a'));
    pass(1000);
    await until(() => posts.length === 1 && timers.size === 1);
    pass(6999);
    assert.equal(timers.size, 1);
    pass(1);
    await until(() => counts.exported === 1);
  });

  it('gives up after a minute, and counts it', async () => {
    const { exporter, pass, counts, timers } = world(() => Promise.reject(new Error('no way')));
    exporter.take(batch('a', 3));
    for (let turn = 0; turn < 20 && counts.failed === 0; turn++) {
      pass(30_000);
      await until(() => timers.size === 1 || counts.failed > 0);
    }
    assert.deepEqual(counts, { exported: 0, full: 0, failed: 3, rejected: 0 });
  });

  it('does not try again what the collector refuses', async () => {
    const { exporter, posts, pass, counts } = world(() => ({ ...OK, status: 400 }));
    exporter.take(batch('a', 2));
    pass(1000);
    await until(() => counts.rejected === 2);
    assert.equal(posts.length, 1);
  });

  it('counts what was taken in part', async () => {
    const writer = new WireWriter();
    writer.varint(10); // partial_success
    const start = writer.begin();
    writer.varint(8); // rejected_spans
    writer.varint(2);
    writer.varint(18); // error_message
    writer.text('too old');
    writer.end(start);
    const headers = new Map([['content-type', 'application/x-protobuf']]);
    const { exporter, pass, counts, logged } = world(() => ({ status: 200, headers, body: writer.finish() }));
    exporter.take(batch('a', 5));
    pass(1000);
    await until(() => counts.rejected === 2);
    assert.equal(counts.exported, 3);
    assert.equal(logged.length, 1);
  });

  it('keeps the newest 4096 while the collector does not answer', async () => {
    const slow = Promise.withResolvers<CollectorAnswer>();
    const { exporter, posts, counts, spans } = world(() => slow.promise);
    for (let n = 0; n < 20; n++) exporter.take(batch(`batch ${n}`, 512));
    await until(() => posts.length === 1);
    // One is under way, eight wait.
    assert.equal(counts.full, 11 * 512);
    slow.resolve(OK);
    await until(() => counts.exported === 9 * 512);
    assert.deepEqual(
      spans().map(([name]) => name),
      ['batch 0', ...Array.from({ length: 8 }, (_, n) => `batch ${n + 12}`)],
    );
  });

  it('sends what is left when it is closed', async () => {
    const { exporter, spans, counts } = world(() => OK);
    exporter.take(batch('a'));
    await exporter.close(1000);
    assert.deepEqual(spans(), [['a']]);
    exporter.take(batch('b'));
    assert.equal(counts.exported, 1);
  });

  it('is closed in time although nobody answers', async () => {
    const { exporter, posts, pass, counts } = world(
      () =>
        new Promise((_, reject) => {
          posts[0]?.signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    exporter.take(batch('a'));
    pass(1000);
    await until(() => posts.length === 1);
    const closed = exporter.close(500);
    pass(500);
    await closed;
    assert.equal(counts.failed, 1);
  });

  it('throws away what it has no address for', () => {
    const { exporter, timers } = world(() => OK);
    exporter.use(null);
    exporter.take(batch('a'));
    assert.equal(timers.size, 0);
  });
});
