import type { Fill } from '../../core/cache-memory.ts';
import type { Headers } from '../../core/headers.ts';
import type { Asking } from './asking.ts';
import { encodeHead, type CachedHead, type VariantWay } from './cached-head.ts';
import type { Begun, RouteMemory } from './fetch.ts';
import { keyOfVariant } from './look.ts';
import { varyingFields } from './rules/vary.ts';

/** Responses to one key may vary in so many ways; of more, the oldest is forgotten. */
const MOST_WAYS = 4;

/** What is known of an answer when its fill is placed. */
export interface Placing {
  readonly begun: Begun;
  readonly headers: Headers;
  readonly whose: VariantWay['whose'];
  readonly tags: readonly string[];
}

/**
 * Where an answer belongs shows only when it is there: under the key of the request, or under that of a variant, with a marker under the
 * key that tells how they vary. Who waits at the place that was thought of first looks again. Null: somebody else fills the right place.
 */
export function placeFill(memory: RouteMemory, asking: Asking, placing: Placing): Fill<CachedHead> | null {
  const { begun, headers, whose, tags } = placing;
  const way: VariantWay = { names: varyingFields(headers) ?? [], whose };
  const isPlain = way.names.length === 0 && whose === 'everybody';
  const key = isPlain ? asking.key : keyOfVariant(asking, way);
  if (key === begun.key) return begun.fill;
  // First the right place, so that those who look again find somebody there.
  const fill = memory.begin(key);
  if (isPlain) begun.fill.abandon();
  else if (begun.key === asking.key) mark(begun.fill, [way], tags);
  else markAgain(memory, { asking, way, tags }, begun);
  return fill;
}

/** One more way beside those that are known. */
function markAgain(
  memory: RouteMemory,
  {
    asking,
    way,
    tags,
  }: { readonly asking: Asking; readonly way: VariantWay; readonly tags: readonly string[] },
  begun: Begun,
): void {
  const ways = [way, ...knownWays(memory, asking.key)].slice(0, MOST_WAYS);
  const marker = memory.begin(asking.key);
  if (marker !== null) mark(marker, ways, tags);
  begun.fill.abandon();
}

function knownWays(memory: RouteMemory, key: string): readonly VariantWay[] {
  const found = memory.find(key);
  if (found === null || found.kind === 'filling') return [];
  found.release();
  return found.head.kind === 'variants' ? found.head.ways : [];
}

function mark(fill: Fill<CachedHead>, ways: readonly VariantWay[], tags: readonly string[]): void {
  const head = encodeHead({ kind: 'variants', ways });
  if (fill.open({ head, length: 0, tags, maxBytes: 0 })) fill.commit();
  else fill.abandon();
}
