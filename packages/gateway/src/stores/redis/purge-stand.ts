import { KeyHash } from '../../core/key-hash.ts';

/** What became of a stored response by purges since it was asked for. */
export type Purged = 'no' | 'soft' | 'hard';

/** Fields of the board for each kind of purge. */
const SLOTS = 262_144;

/** Two for each tag: what meets others in one of them is not purged with them. */
const SLOTS_PER_TAG = 2;

/** The same for all gateways, whoever knows it: to meet another tag is to have it purged, which costs a request to the service. */
const hash = new KeyHash([0x7475726e, 0x70696b65]);
const start = hash.start('tag');

/** Slots of tags, in turn. */
export function slotsOf(tags: readonly string[]): number[] {
  return tags.flatMap((tag) => {
    hash.of(start, tag);
    return [hash.low & (SLOTS - 1), hash.high & (SLOTS - 1)];
  });
}

/**
 * How far purges have come. A number is the time of the purge by the clock of Redis in µs, or one more than the last if that
 * is not less. So a board that begins anew begins with a higher number than all that were ever given.
 */
export interface Stand {
  /** When the board began. What is older counts as purged: nobody knows what became of it. */
  readonly base: number;
  /** The last purge. */
  readonly last: number;
}

/** The fields that tell the stand. */
export const STAND_FIELDS = ['base', 'last'] as const;

/** The stand as Redis has it, or null if it has none. */
export function standIn(reply: unknown): Stand | null {
  const [base, last] = numbersIn(reply);
  if (base === undefined || last === undefined || !(base > 0 && base <= last)) return null;
  return { base, last };
}

/** The fields that tell what became of a response with some tags, behind those of the stand. */
export function fieldsOf(tags: readonly string[]): string[] {
  const slots = slotsOf(tags);
  return [...STAND_FIELDS, ...slots.map((slot) => `hard${slot}`), ...slots.map((slot) => `soft${slot}`)];
}

/** What became of a response, by the answer for its fields. */
export function purgedIn(reply: unknown, asOf: number): Purged {
  const stand = standIn(reply);
  if (stand === null || isUnknown(stand, asOf)) return 'hard';
  const numbers = numbersIn(reply).slice(STAND_FIELDS.length);
  const half = numbers.length / 2;
  if (isTouched(numbers.slice(0, half), asOf)) return 'hard';
  return isTouched(numbers.slice(half), asOf) ? 'soft' : 'no';
}

/** Whether it is older than the board, or from one that has lost its last purges. */
export function isUnknown({ base, last }: Stand, asOf: number): boolean {
  return !(asOf >= base && asOf <= last);
}

/** Whether both slots of a tag have a later purge. */
function isTouched(numbers: readonly number[], asOf: number): boolean {
  for (let i = 0; i < numbers.length; i += SLOTS_PER_TAG)
    if ((numbers[i] ?? 0) > asOf && (numbers[i + 1] ?? 0) > asOf) return true;
  return false;
}

/** Texts of an answer as numbers: 0 for what is not there, or is none. */
function numbersIn(reply: unknown): number[] {
  const texts: readonly unknown[] = Array.isArray(reply) ? reply : [];
  return texts.map((text) => {
    const number = typeof text === 'string' ? Number(text) : 0;
    return Number.isSafeInteger(number) ? number : 0;
  });
}
