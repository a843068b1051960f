import { setImmediate } from 'node:timers/promises';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import { random } from '../../core/random.ts';
import type { FoundEndpoint, SourceEvents, SourcePorts, Web } from './endpoint-source.ts';

/** What a source hears of the world, and what it has said. */
export interface HeardSource {
  readonly events: SourceEvents;
  readonly ports: SourcePorts;
  readonly clock: ManualClock;
  readonly found: (readonly FoundEndpoint[])[];
  readonly problems: string[];
  readonly warnings: object[];
  /** How long it wanted to pause; no pause takes longer than a turn of the event loop. */
  readonly pauses: number[];
  /** Turns the event loop until the claim holds. */
  until(claim: () => boolean): Promise<void>;
}

const MOST_TURNS = 10_000;

/** Ports without time and without sockets. */
export function hearSource(web: Web = NOBODY, seed = 1): HeardSource {
  const found: (readonly FoundEndpoint[])[] = [];
  const problems: string[] = [];
  const warnings: object[] = [];
  const pauses: number[] = [];
  const clock = manualClock();
  const say = (_: string, fields: object = {}): void => void warnings.push(fields);
  return {
    found,
    problems,
    warnings,
    pauses,
    clock,
    events: {
      found: (endpoints) => void found.push(endpoints),
      failed: (problem) => void problems.push(problem),
    },
    ports: {
      log: { debug: say, info: say, warn: say, error: say },
      clock,
      random: random(seed),
      web,
      pause: async (ms, signal) => {
        pauses.push(ms);
        await setImmediate(undefined, { signal });
      },
      watch: () => Promise.resolve({ close: () => Promise.resolve() }),
    },
    async until(claim) {
      for (let turn = 0; !claim(); turn++) {
        if (turn === MOST_TURNS) throw new Error(`it does not come about: ${String(claim)}`);
        await setImmediate();
      }
    },
  };
}

const NOBODY: Web = {
  request: () => Promise.reject(new Error('there is nobody')),
  lines: () => Promise.reject(new Error('there is nobody')),
};
