import type { SourcePorts } from './endpoint-source.ts';

/** Gives a job so much time, then tells it to stop. The job has to reject with the reason of the signal that it gets. */
export async function inTime<T>(
  pause: SourcePorts['pause'],
  ms: number,
  signal: AbortSignal,
  job: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [late, done] = [new AbortController(), new AbortController()];
  const stop = AbortSignal.any([signal, late.signal]);
  pause(ms, done.signal).then(
    () => late.abort(new Error(`no answer within ${ms} ms`)),
    () => {}, // it was done in time
  );
  try {
    return await job(stop);
  } finally {
    done.abort();
  }
}
