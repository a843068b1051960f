import { TAKEN, type Body } from '../../core/body.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';

/** To read so much costs less than a new connection. */
const MOST_BYTES = 16 * 1024;
const MOST_MS = 1000;

/**
 * Throws away the body of a reply that nobody gets. A small one is read to its end, so that its connection can be used again; a
 * larger or a slow one costs the connection.
 */
export function discardBody(body: Body, wheel: TimingWheel): void {
  if (body === null || typeof body === 'string') return;
  if (body.length > MOST_BYTES) {
    body.cancel();
    return;
  }
  const deadline = new Deadline(() => body.cancel());
  wheel.set(deadline, MOST_MS);
  const over = (): void => wheel.remove(deadline);
  let left = MOST_BYTES;
  body.readTo({
    write(chunk) {
      left -= chunk.length;
      if (left < 0) {
        over();
        body.cancel();
      }
      return TAKEN;
    },
    flush() {},
    end: over,
    fail: over,
  });
}
