import type { DecisionsOf } from './decisions.ts';

/** For tests: what the policies of a route counted, as `cors denied origin`. */
export interface CountedDecisions {
  readonly decisions: DecisionsOf;
  /** What was counted since the last call, in order. */
  take(): string[];
}

/** For tests: counters that remember what they counted. */
export function countedDecisions(): CountedDecisions {
  let counted: string[] = [];
  return {
    decisions: (policy) => ({
      allowed: () => counted.push(`${policy} allowed`),
      denied: (reason) => counted.push(`${policy} denied ${reason}`),
      reported: (reason) => counted.push(`${policy} reported ${reason}`),
      failed: (reason) => counted.push(`${policy} failed ${reason}`),
    }),
    take() {
      const taken = counted;
      counted = [];
      return taken;
    },
  };
}
