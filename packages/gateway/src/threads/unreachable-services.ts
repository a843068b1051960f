import type { Desk } from '../core/desk.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';

/** For one service. */
const AT_MOST_EVERY_MS = 1000;

/**
 * Has the supervisor ask the registry of a service again whose endpoint could not be reached: it may have moved. Services are
 * as many as the configuration has.
 */
export function unreachableServices(
  desk: Desk,
  wheel: Pick<TimingWheel, 'nowMs'>,
): (service: string) => void {
  const askedAtMs = new Map<string, number>();
  return (service) => {
    const nowMs = wheel.nowMs;
    if (nowMs - (askedAtMs.get(service) ?? Number.NEGATIVE_INFINITY) < AT_MOST_EVERY_MS) return;
    askedAtMs.set(service, nowMs);
    // Without an answer everything stays as it is.
    desk.run('refresh-endpoints', { service }).catch(() => {});
  };
}
