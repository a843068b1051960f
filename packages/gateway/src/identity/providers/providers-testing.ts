import type { IdentityProviderConfig } from '@turnpike/config';
import type { Log } from '../../core/ports.ts';
import type { Clockwork } from './clockwork.ts';

/** For tests: time that moves when it is told to, and calls back what is due. */
export interface ManualClockwork extends Clockwork {
  advance(ms: number): void;
  /** How many timers are set. */
  readonly timerCount: number;
}

/** For tests: a clockwork that stands at `startMs`; chance is always in the middle. */
export function manualClockwork(startMs = 1_700_000_000_000): ManualClockwork {
  let nowMs = startMs;
  const timers = new Map<object, { readonly dueMs: number; readonly callBack: () => void }>();

  function nextDue(untilMs: number): (() => void) | null {
    const due = [...timers].filter(([, { dueMs }]) => dueMs <= untilMs);
    const [first] = due.toSorted(([, one], [, other]) => one.dueMs - other.dueMs);
    if (first === undefined) return null;
    const [key, { dueMs, callBack }] = first;
    timers.delete(key);
    nowMs = Math.max(nowMs, dueMs);
    return callBack;
  }

  return {
    clock: { now: () => nowMs, epoch: () => nowMs },
    timers: {
      after(ms, callBack) {
        const key = {};
        timers.set(key, { dueMs: nowMs + ms, callBack });
        return () => void timers.delete(key);
      },
    },
    random: { next: () => 0, below: () => 0, unit: () => 0.5 },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let callBack = nextDue(untilMs); callBack !== null; callBack = nextDue(untilMs)) callBack();
      nowMs = untilMs;
    },
    get timerCount() {
      return timers.size;
    },
  };
}

/** For tests: resolves when nothing is left to do that waits for no socket, disk or timer. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** For tests: a log that keeps its warnings. */
export function warnings(): { readonly log: Log; readonly heard: string[] } {
  const heard: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => void heard.push(message) };
  return { log, heard };
}

/** For tests: a provider with the defaults of the configuration. */
export function providerConfig(
  config: Partial<IdentityProviderConfig> & Pick<IdentityProviderConfig, 'issuer'>,
): IdentityProviderConfig {
  return {
    id: 'corporate',
    keys: { kind: 'discovery' },
    audiences: [],
    algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    tokenType: 'any',
    clockToleranceMs: 30_000,
    dpop: 'optional',
    dpopNonce: null,
    dpopWhenStoreFails: 'deny',
    keyLifetimeMs: 600_000,
    staleKeysMs: 86_400_000,
    introspection: null,
    client: null,
    login: null,
    origin: { file: 'test.yaml', line: 1, column: 1 },
    ...config,
  };
}
