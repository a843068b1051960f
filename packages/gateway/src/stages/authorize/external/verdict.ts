/** A header field; the name is in lower case. */
export type Field = readonly [name: string, value: string];

/** What a decision point says. */
export type Verdict = Allowed | Denied | Failed;

export interface Allowed {
  readonly kind: 'allowed';
  /** For the service, instead of what the client sent. */
  readonly upstream: readonly Field[];
  /** For the service, beside what the client sent. */
  readonly added: readonly Field[];
  /** Lower-case names of what the service must not get. */
  readonly removed: readonly string[];
  /** For the client, on the answer of the service. */
  readonly client: readonly Field[];
  /** How long it may be remembered, as far as the decision point has a say; Infinity: it has not. */
  readonly freshMs: number;
}

export interface Denied {
  readonly kind: 'denied';
  readonly status: number;
  /** For the client. */
  readonly headers: readonly Field[];
  /** Bytes as latin1; `''`: it leaves the words to us. */
  readonly body: string;
  readonly freshMs: number;
}

/** There is no decision. */
export interface Failed {
  readonly kind: 'failed';
  /** For logs. */
  readonly reason: string;
}

/** No decision, and why. */
export function failed(reason: string): Failed {
  return { kind: 'failed', reason };
}

/** Bytes of a body at most; a decision is no download. */
export const MAX_BODY_BYTES = 65_536;

/**
 * How long a decision may be remembered by its `Cache-Control` (RFC 9111 §5.2.2), in milliseconds; Infinity when it says
 * nothing. What can be read in two ways means not at all.
 */
export function freshnessMs(cacheControl: string | undefined): number {
  if (cacheControl === undefined) return Infinity;
  let freshMs = Infinity;
  for (const directive of cacheControl.toLowerCase().split(',')) {
    const [name = '', value = ''] = directive.trim().split('=', 2);
    if (name === 'no-store' || name === 'no-cache') return 0;
    if (name !== 'max-age') continue;
    freshMs = Math.min(freshMs, /^"?\d{1,9}"?$/.test(value) ? Number(value.replaceAll('"', '')) * 1000 : 0);
  }
  return freshMs;
}
