import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import type { OtlpBatch } from '../../core/otlp-batch.ts';
import { OtlpOutbox } from './otlp-outbox.ts';

function world() {
  const handed: OtlpBatch[] = [];
  const waits: number[] = [];
  const world = { handed, waits, dropped: 0 };
  const outbox = new OtlpOutbox('traces', {
    hand: (batch) => void handed.push(batch),
    dropped: (items) => (world.dropped += items),
    flushAfter: (ms) => void waits.push(ms),
  });
  return Object.assign(world, { outbox });
}

/** An item of one kilobyte. */
function write(writer: WireWriter, text: string): void {
  writer.text(text.padEnd(1022, '.'));
}

describe('an outbox of a data thread', () => {
  it('hands on what came until its time', () => {
    const { outbox, handed, waits } = world();
    outbox.add(write, 'a');
    outbox.add(write, 'b');
    assert.deepEqual(waits, [250]);
    assert.equal(handed.length, 0);
    outbox.flush();
    assert.deepEqual(
      handed.map(({ items, bytes }) => [items, bytes.length]),
      [[2, 2048]],
    );
  });

  it('hands on the next when the one before was taken', () => {
    const { outbox, handed } = world();
    for (let n = 0; n < 600; n++) outbox.add(write, 'a');
    assert.equal(handed.length, 1);
    outbox.taken();
    assert.equal(handed.length, 2);
    outbox.taken();
    assert.equal(handed.length, 2);
    outbox.flush();
    assert.deepEqual(
      handed.map(({ items }) => items),
      [256, 256, 88],
    );
  });

  it('hands on all when it is closed', () => {
    const { outbox, handed } = world();
    for (let n = 0; n < 600; n++) outbox.add(write, 'a');
    outbox.close();
    assert.equal(handed.length, 3);
  });

  it('keeps the newest when nobody takes anything', () => {
    const kept = world();
    const { outbox, handed } = kept;
    for (let n = 0; n < 20 * 256; n++) outbox.add(write, `item ${n} `);
    assert.equal(handed.length, 1);
    assert.equal(kept.dropped, 11 * 256);
    for (let n = 0; n < 20; n++) outbox.taken();
    assert.equal(handed.length, 9);
    assert.match(Buffer.from(handed.at(-1)?.bytes ?? []).toString('latin1'), /item 5119 /);
  });
});
