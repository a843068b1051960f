import type { CacheMemory, OngoingFill, StoredResponse } from '../../core/cache-memory.ts';
import type { Asking } from './asking.ts';
import type { CachedHead, ResponseHead, TaggedVariant, VariantsHead, VariantWay } from './cached-head.ts';
import { variantKey } from './rules/key.ts';

/** A response that fits a request; it has to be released. */
export type Fitting = StoredResponse<CachedHead> & { readonly head: ResponseHead };

/** What there is for a request. `key` is where its answer belongs, as far as that is known before it is there. */
export type Find =
  | {
      readonly kind: 'stored';
      readonly key: string;
      readonly stored: Fitting;
      readonly fill: OngoingFill | null;
    }
  | { readonly kind: 'filling'; readonly key: string; readonly fill: OngoingFill }
  /** What comes is not stored, up to that time as far as is known. */
  | { readonly kind: 'pass'; readonly key: string; readonly untilMs: number }
  | {
      readonly kind: 'miss';
      readonly key: string;
      /** For other request fields; null: it varies by none. */
      readonly others: readonly TaggedVariant[] | null;
    };

/** Looks for what fits a request (RFC 9111 §4): under its key, or, where responses vary, under those of its variants. */
export function look(memory: CacheMemory<CachedHead>, asking: Asking, nowMs: number): Find {
  const { key } = asking;
  const found = memory.find(key);
  if (found === null) return { kind: 'miss', key, others: null };
  const fill = found.kind === 'filling' ? found : null;
  const stored = found.kind === 'filling' ? (found.stored as StoredResponse<CachedHead> | null) : found;
  if (stored?.head.kind === 'variants') {
    const { head } = stored;
    stored.release();
    return lookAtVariants(memory, asking, { head, nowMs });
  }
  return plain(key, stored, { fill, nowMs, others: null });
}

function lookAtVariants(
  memory: CacheMemory<CachedHead>,
  asking: Asking,
  { head, nowMs }: { readonly head: VariantsHead; readonly nowMs: number },
): Find {
  let likely: Find | null = null;
  for (const way of head.ways) {
    const key = keyOfVariant(asking, way);
    const found = memory.find(key);
    const fill = found?.kind === 'filling' ? found : null;
    const stored = found?.kind === 'filling' ? (found.stored as StoredResponse<CachedHead> | null) : found;
    const find = plain(key, stored, { fill, nowMs, others: head.tagged });
    if (find.kind !== 'miss') return find;
    likely ??= find;
  }
  return likely ?? { kind: 'miss', key: asking.key, others: null };
}

function plain(
  key: string,
  stored: StoredResponse<CachedHead> | null,
  { fill, nowMs, others }: Surroundings,
): Find {
  if (stored !== null) {
    if (isResponse(stored)) return { kind: 'stored', key, stored, fill };
    stored.release();
    if (stored.head.kind === 'pass' && stored.head.untilMs > nowMs && !stored.isSoftPurged)
      return { kind: 'pass', key, untilMs: stored.head.untilMs };
  }
  return fill === null ? { kind: 'miss', key, others } : { kind: 'filling', key, fill };
}

interface Surroundings {
  readonly fill: OngoingFill | null;
  readonly nowMs: number;
  readonly others: readonly TaggedVariant[] | null;
}

/** The response under a key, held, while its fill is under way; null: there is none. */
export function fittingAt(memory: CacheMemory<CachedHead>, key: string): Fitting | null {
  const found = memory.find(key);
  const stored = found?.kind === 'filling' ? (found.stored as StoredResponse<CachedHead> | null) : found;
  if (stored === null || isResponse(stored)) return stored;
  stored.release();
  return null;
}

/** Where a response lies that varies in this way. */
export function keyOfVariant({ key, exchange, caller }: Asking, { names, whose }: VariantWay): string {
  const fields = { names, headers: exchange.headers };
  return variantKey(key, fields, whose === 'caller' ? (caller ?? '') : null);
}

function isResponse(stored: StoredResponse<CachedHead>): stored is Fitting {
  return stored.head.kind === 'response';
}
