import { decodeHead, encodeHead, type ResponseHead } from './cached-head.ts';
import { hasValidator } from './rules/validation.ts';

/** How far what comes back after a restart can be believed. */
export interface Restoring {
  readonly nowMs: number;
  /** `ask-first`: purges may have been missed, so nothing is given to anybody unless its service says that it is still the same. */
  readonly trust: 'as-it-was' | 'ask-first';
  readonly isSoftPurged: boolean;
}

/**
 * The head of a response that was kept while the process was not there; null: it is of no use any more. Ages go on by the wall clock; what
 * comes from the future was written under another clock, of which nobody knows how wrong it was.
 */
export function restoredHead(text: string, { nowMs, trust, isSoftPurged }: Restoring): string | null {
  const head = decodeHead(text);
  if (head.kind === 'variants') return text;
  if (head.kind === 'pass') return null;
  const { freshness, answeredAtMs } = head;
  const isPlausible = freshness.bornAtMs <= nowMs && answeredAtMs <= nowMs;
  if (trust === 'ask-first' || !isPlausible) return askingFirst(head);
  if (isSoftPurged) return encodeHead(staleFrom(head, nowMs));
  return isOfUse(head, nowMs) ? text : null;
}

/** As if it had become stale at that moment: what was purged softly, where the purge itself is not known. */
export function staleFrom(head: ResponseHead, nowMs: number): ResponseHead {
  const { freshness } = head;
  const lifetimeMs = Math.min(freshness.lifetimeMs, Math.max(0, nowMs - freshness.bornAtMs));
  return { ...head, freshness: { ...freshness, lifetimeMs } };
}

function askingFirst(head: ResponseHead): string | null {
  if (!hasValidator(head.headers)) return null;
  const freshness = { ...head.freshness, validation: 'always' as const };
  return encodeHead({ ...head, freshness });
}

/** What is not too stale for everything, or can at least be asked for with a condition. */
function isOfUse({ freshness, headers }: ResponseHead, nowMs: number): boolean {
  const { bornAtMs, lifetimeMs, staleWhileRevalidateMs, staleIfErrorMs } = freshness;
  const endsAtMs = bornAtMs + lifetimeMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs);
  return nowMs < endsAtMs || hasValidator(headers);
}
