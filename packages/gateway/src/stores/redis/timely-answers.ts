import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** Rejects when there is no answer in time. */
export class LateAnswer extends Error {
  override readonly name = 'LateAnswer';
}

/** What `ask` gives, or a {@link LateAnswer} after `timeoutMs`; what comes later is of no interest. */
export async function timely<T>(ask: () => Promise<T>, timers: TimingWheel, timeoutMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const tooLate = new Deadline(() => reject(new LateAnswer(`no answer within ${timeoutMs} ms`)));
  timers.touch();
  timers.set(tooLate, timeoutMs);
  try {
    ask().then(resolve, reject);
    return await promise;
  } finally {
    timers.remove(tooLate);
  }
}
