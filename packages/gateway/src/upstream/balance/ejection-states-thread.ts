// A data thread for ejection-states.test.ts: ejects slot 0, tries it, and readmits it, as fast as it can.
import { parentPort, workerData } from 'node:worker_threads';
import { NO_PROBE } from '../../core/endpoint-health.ts';
import { EndpointStates } from './endpoint-states.ts';

export interface EjectionOrders {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  /** Of every ejection and probe: a time that is over. */
  readonly untilMs: number;
  readonly rounds: number | 'die in a decision';
}

const { buffer, thread, untilMs, rounds }: EjectionOrders = workerData;
const { ejections } = new EndpointStates(buffer, thread);
if (rounds === 'die in a decision') {
  // What a thread leaves behind that is terminated: nothing after this line is run.
  ejections.alone(() => process.exit(0));
} else {
  const counts = { ejected: 0, proven: 0, disproven: 0 };
  for (let i = 0; i < rounds; i++) {
    const cause = { nowMs: untilMs, reason: 'consecutive-failures' } as const;
    if (ejections.eject(0, untilMs, cause)) counts.ejected++;
    const probe = ejections.beginProbe(0, untilMs, untilMs);
    if (probe === NO_PROBE) continue;
    if (i % 2 === 0 && ejections.prove(0, probe)) counts.proven++;
    if (i % 2 === 1 && ejections.disprove(0, probe, { nowMs: untilMs, untilMs })) counts.disproven++;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window
  parentPort?.postMessage(counts);
}
