import type { CacheKeyConfig } from '@turnpike/config';
import type { CacheEntryView } from '../admin/cache-port.ts';
import type { CachedEntry } from '../core/cache-memory.ts';
import { decodeHead, type CachedHead } from '../stages/cache/cached-head.ts';

/** Fields whose values are nobody's secret. */
const SHOWN = new Set(['accept', 'accept-encoding', 'accept-language', 'accept-charset', 'origin', 'dpr']);
const HIDDEN = '***';

/** What is needed to read an entry, beside itself. */
export interface EntryContext {
  readonly memory: string;
  /** How a route tells responses apart; null: it does not any more. */
  readonly keyOf: (route: string) => CacheKeyConfig | null;
  readonly nowMs: number;
}

/** A stored response for people: what it is, how fresh, and what tells it apart. Nothing of its fields or its body. */
export function entryView(entry: CachedEntry, { memory, keyOf, nowMs }: EntryContext): CacheEntryView {
  const head = decodeHead(entry.head);
  const { hits, length: bodyBytes, usedBytes: memoryBytes } = entry;
  return {
    memory,
    ...keyParts(entry.key, keyOf),
    ...times(head, nowMs, entry.isSoftPurged),
    hits,
    bodyBytes,
    memoryBytes,
  };
}

function times(head: CachedHead, nowMs: number, isPurged: boolean) {
  const leftMs = msLeft(head, nowMs);
  const isFresh = leftMs > 0 && (head.kind !== 'response' || head.freshness.validation !== 'always');
  return {
    kind: head.kind,
    state: isPurged ? 'purged' : isFresh ? 'fresh' : 'stale',
    status: head.kind === 'response' ? head.status : null,
    ageSeconds: head.kind === 'response' ? seconds(nowMs - head.freshness.bornAtMs) : null,
    freshSeconds: leftMs === Infinity ? null : seconds(leftMs),
  } as const;
}

/** Infinity: what tells how responses vary has no end. */
function msLeft(head: CachedHead, nowMs: number): number {
  switch (head.kind) {
    case 'response':
      return head.freshness.bornAtMs + head.freshness.lifetimeMs - nowMs;
    case 'pass':
      return head.untilMs - nowMs;
    case 'variants':
      return Infinity;
    default:
      return head satisfies never;
  }
}

/** A key is what `keyMaker` and `variantKey` write; that of what is too long is a digest behind a line feed. */
function keyParts(
  key: string,
  keyOf: EntryContext['keyOf'],
): Pick<CacheEntryView, 'route' | 'address' | 'variant' | 'isForOneCaller'> {
  if (key.startsWith('\n')) return { route: null, address: null, variant: {}, isForOneCaller: false };
  const [primary = '', whose = '-', variant = ''] = key.split('\f');
  const [route = '', address = '', ...keyed] = primary.split('\n');
  const [fields = '', ...varying] = variant.split('\n');
  const config = keyOf(route);
  const names = config === null ? [] : [...config.headers, ...config.cookies.map((name) => `cookie ${name}`)];
  return {
    route,
    address,
    variant: { ...valuesOf(names, keyed), ...valuesOf(fields.split(','), varying) },
    isForOneCaller: whose !== '-',
  };
}

/** Each line is a value behind `=`, or `-` for none; what is left is the digest of a body. */
function valuesOf(names: readonly string[], lines: readonly string[]): Record<string, string | null> {
  const values: Record<string, string | null> = {};
  for (const [i, line] of lines.entries()) {
    const name = line.startsWith('#') ? 'body' : (names[i] ?? `${i + 1}`);
    if (line === '-') values[name] = null;
    else values[name] = SHOWN.has(name) ? line.slice(1) : HIDDEN;
  }
  return values;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
