import type { Fill } from '../../core/cache-memory.ts';
import type { Headers } from '../../core/headers.ts';
import type { Asking } from './asking.ts';
import {
  encodeHead,
  type CachedHead,
  type TaggedVariant,
  type VariantsHead,
  type VariantWay,
} from './cached-head.ts';
import type { Begun, RouteMemory } from './fetch.ts';
import type { Keepable } from './judge.ts';
import { keyOfVariant } from './look.ts';
import { varyingFields } from './rules/vary.ts';
import { taggedVariant, withTagged } from './variants.ts';

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
  const { way, isPlain, key } = placeOf(asking, headers, whose);
  const marking: Marking = { way, tagged: isPlain ? null : taggedVariant(way, key, headers), tags };
  if (key === begun.key) {
    if (marking.tagged !== null) markAgain(memory, asking, marking);
    return begun.fill;
  }
  // First the right place, so that those who look again find somebody there. What was purged meanwhile is purged there as well.
  const fill = memory.begin(key, begun.fill.since);
  if (!isPlain && begun.key === asking.key) {
    mark(begun.fill, NO_VARIANTS, marking);
    return fill;
  }
  if (!isPlain) markAgain(memory, asking, marking);
  begun.fill.abandon();
  return fill;
}

/**
 * Whether a stored response belongs where it is still, with the fields that came: one that varies by something else by now, or is for its caller
 * alone, would be found there by others.
 */
export function isPlacedAt(key: string, asking: Asking, { head, whose }: Keepable): boolean {
  return placeOf(asking, head.headers, whose).key === key;
}

function placeOf(asking: Asking, headers: Headers, whose: VariantWay['whose']): Place {
  const way: VariantWay = { names: varyingFields(headers) ?? [], whose };
  const isPlain = way.names.length === 0 && whose === 'everybody';
  return { way, isPlain, key: isPlain ? asking.key : keyOfVariant(asking, way) };
}

interface Place {
  readonly way: VariantWay;
  readonly isPlain: boolean;
  readonly key: string;
}

/** What a marker is to say more. */
interface Marking {
  readonly way: VariantWay;
  readonly tagged: TaggedVariant | null;
  readonly tags: readonly string[];
}

/** One more way, or one more variant, beside those that are known. */
function markAgain(memory: RouteMemory, { key }: Asking, marking: Marking): void {
  const known = knownVariants(memory, key);
  const { way, tagged } = marking;
  const [newest] = known.tagged;
  const isKnown = tagged === null || (newest?.key === tagged.key && newest.tag === tagged.tag);
  if (isKnown && known.ways.some((each) => isSame(each, way))) return;
  const marker = memory.begin(key);
  if (marker !== null) mark(marker, known, marking);
}

function knownVariants(memory: RouteMemory, key: string): VariantsHead {
  const found = memory.find(key);
  if (found === null || found.kind === 'filling') return NO_VARIANTS;
  found.release();
  return found.head.kind === 'variants' ? found.head : NO_VARIANTS;
}

function mark(fill: Fill<CachedHead>, known: VariantsHead, { way, tagged, tags }: Marking): void {
  const ways = [way, ...known.ways.filter((each) => !isSame(each, way))].slice(0, MOST_WAYS);
  const head = encodeHead({ kind: 'variants', ways, tagged: withTagged(known.tagged, tagged) });
  if (fill.open({ head, length: 0, tags, maxBytes: 0 })) fill.commit();
  else fill.abandon();
}

function isSame(one: VariantWay, other: VariantWay): boolean {
  return one.whose === other.whose && one.names.join() === other.names.join();
}

const NO_VARIANTS: VariantsHead = { kind: 'variants', ways: [], tagged: [] };
