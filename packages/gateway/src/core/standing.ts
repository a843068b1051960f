import type { Taken } from './counters.ts';

/** How a limit stands after an exchange was counted for it: for the fields of the reply. */
export interface Standing {
  readonly limit: {
    /** Its name, as a String of structured fields (RFC 9651 §3.3.3). */
    readonly item: string;
  };
  readonly quota: {
    /** What it allows the caller: its item in `RateLimit-Policy`. */
    readonly policy: string;
    /** Units at once at most. */
    readonly burst: number;
  };
  readonly taken: Taken;
}
