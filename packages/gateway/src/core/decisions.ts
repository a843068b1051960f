/** Counts what a policy of a route decided. Reasons come from closed lists, never from what a client sent. */
export interface Decisions {
  allowed(): void;
  denied(reason: string): void;
  /** It would have been denied, but the policy only reports. */
  reported(reason: string): void;
  /** No decision was possible. */
  failed(reason: string): void;
}

/** Makes the counters of a policy (its key in the configuration) on a route. */
export type DecisionsOf = (policy: string) => Decisions;
