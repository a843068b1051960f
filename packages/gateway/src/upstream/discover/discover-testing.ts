import { setImmediate } from 'node:timers/promises';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import { random } from '../../core/random.ts';
import { hearLog, type HeardLog } from '../../threads/threads-testing.ts';
import type { FoundEndpoint, SourceEvents, SourcePorts } from './endpoint-source.ts';
import type { Openers } from './openers.ts';

/** For tests: an endpoint on port 80 with nothing special. */
export function endpoint(host: string, changes: Partial<FoundEndpoint> = {}): FoundEndpoint {
  return { host, port: 80, weight: 1, zone: null, priority: 0, isDraining: false, ...changes };
}

/** For tests: so many endpoints, always the same. */
export function fleet(size: number): readonly FoundEndpoint[] {
  return Array.from({ length: size }, (_, n) => endpoint(`10.0.${n >> 8}.${n & 255}`));
}

/** For tests: time that passes when the test says so, for clocks and pauses. */
export interface ManualTime {
  readonly clock: ManualClock;
  readonly pause: SourcePorts['pause'];
  /** How long those who wait now have still to wait, the shortest first. */
  readonly waits: readonly number[];
  /** Lets time pass, from one end of a pause to the next, with everything that they set off. */
  advance(ms: number): Promise<void>;
}

/** For tests: see {@link ManualTime}. */
export function manualTime(): ManualTime {
  const clock = manualClock();
  const waiting = new Set<{ readonly atMs: number; readonly end: () => void }>();
  const earliest = () => [...waiting].toSorted((one, other) => one.atMs - other.atMs)[0];
  return {
    clock,
    get waits() {
      return Array.from(waiting, ({ atMs }) => atMs - clock.now()).toSorted((one, other) => one - other);
    },
    pause: (ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one = { atMs: clock.now() + ms, end: resolve };
      const stop = () => {
        waiting.delete(one);
        reject(new Error('called off'));
      };
      if (signal.aborted) stop();
      else {
        waiting.add(one);
        signal.addEventListener('abort', stop, { once: true });
      }
      return promise;
    },
    advance: async (ms) => {
      const endMs = clock.now() + ms;
      await setImmediate();
      for (let next = earliest(); next !== undefined && next.atMs <= endMs; next = earliest()) {
        clock.advance(Math.max(0, next.atMs - clock.now()));
        waiting.delete(next);
        next.end();
        await setImmediate();
      }
      clock.advance(endMs - clock.now());
    },
  };
}

/** For tests: a source that says what the test says. */
export interface PuppetSource extends SourceEvents {
  /** What the configuration calls it. */
  readonly name: string;
  readonly refreshes: () => number;
  readonly isClosed: () => boolean;
}

/** For tests: openers whose sources of the kind `registry` are puppets, and the puppets in the order they were opened. */
export function puppetOpeners(): { readonly openers: Openers; readonly puppets: readonly PuppetSource[] } {
  const puppets: PuppetSource[] = [];
  const none = () => {
    throw new Error('there is no such source here');
  };
  const openers: Openers = {
    dns: none,
    srv: none,
    file: none,
    etcd: none,
    consul: none,
    kubernetes: none,
    registry: ({ name }, events) => {
      let [refreshes, isClosed] = [0, false];
      puppets.push({ ...events, name, refreshes: () => refreshes, isClosed: () => isClosed });
      return {
        refresh: () => void refreshes++,
        close: async () => {
          isClosed = true;
        },
      };
    },
  };
  return { openers, puppets };
}

/** For tests: ports over manual time; nothing is watched, and there is no web. */
export function sourcePorts(time: ManualTime = manualTime()): SourcePorts & { readonly log: HeardLog } {
  const none = () => Promise.reject(new Error('there is no web here'));
  return {
    log: hearLog(),
    clock: time.clock,
    pause: time.pause,
    random: random(1),
    web: { request: none, lines: none },
    watch: async () => ({ close: async () => {} }),
  };
}
