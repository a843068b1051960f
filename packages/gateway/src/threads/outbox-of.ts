import type { Desk } from '../core/desk.ts';
import type { OtlpBatch, OtlpSignal } from '../core/otlp-batch.ts';
import { Deadline, type TimingWheel } from '../core/timing-wheel.ts';
import type { ThreadMetrics } from '../observe/metrics.ts';
import { OtlpOutbox } from '../observe/otlp/otlp-outbox.ts';

/** What an outbox of a data thread needs. */
export interface OutboxParts {
  readonly desk: Desk;
  readonly wheel: TimingWheel;
  readonly metrics: ThreadMetrics;
}

/** Where a data thread puts what is to be exported; the supervisor gets it as errands. */
export function outboxOf(signal: OtlpSignal, { desk, wheel, metrics }: OutboxParts): OtlpOutbox {
  const dropped = metrics.counter('turnpike_telemetry_items_total', { signal, outcome: 'full' });
  const due = new Deadline(() => outbox.flush());
  const hand = (batch: OtlpBatch): void => {
    // If the supervisor is silent, it is lost, and the next one may be luckier.
    const handed = desk.run('export-telemetry', batch).catch(() => dropped.add(batch.items));
    void handed.then(() => outbox.taken());
  };
  const outbox = new OtlpOutbox(signal, {
    hand,
    dropped: (items) => dropped.add(items),
    flushAfter: (ms) => wheel.set(due, ms),
  });
  return outbox;
}
