import { setTimeout as delay } from 'node:timers/promises';

/** How long a helper waits unless told otherwise: far more than anything takes on a busy machine. */
export const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 5;

/** The result of `promise`, or an error that says `what` did not happen in time. */
export function within<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Looks again and again until `holds`: for what has no event. Fails after `ms`. */
export async function eventually(holds: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
  const endsAt = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`${what}: not within ${ms} ms`);
    await delay(LOOK_AGAIN_MS);
  }
}
