import type { CompressionCoding } from '@turnpike/config';

/** The coding for a client that says `Accept-Encoding`, or null: the response goes as it is. */
export type ChooseCoding = (acceptEncoding: string) => CompressionCoding | null;

/**
 * Chooses by the weights of the client (RFC 9110 §12.5.3), and by the order of `codings` where they are the same. Whoever likes
 * `identity` better gets that. Clients say the same few things, so the answers are kept.
 */
export function chooseCoding(codings: readonly CompressionCoding[]): ChooseCoding {
  const known = new Map<string, CompressionCoding | null>();
  return (field) => {
    const before = known.get(field);
    if (before !== undefined) return before;
    const chosen = chosenFrom(field, codings);
    if (known.size >= MOST_KNOWN) known.clear();
    if (field.length <= LONGEST_KNOWN) known.set(field, chosen);
    return chosen;
  };
}

function chosenFrom(field: string, codings: readonly CompressionCoding[]): CompressionCoding | null {
  const weights = weightsOf(field);
  const others = weights.get('*') ?? 0;
  let best: CompressionCoding | null = null;
  let bestWeight = Math.max(weights.get('identity') ?? 0, SMALLEST);
  for (const coding of codings) {
    const weight = weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? others;
    if (weight > bestWeight || (weight === bestWeight && best === null)) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

/** By name, in lower case. A weight that is none is 0: whoever writes such things gets what needs no agreement. */
function weightsOf(field: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const part of field.split(',', MOST_PARTS)) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (name === '') continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : weightOf(weight.slice(2)));
  }
  return weights;
}

function weightOf(text: string): number {
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

/** Of weights that are not 0. */
const SMALLEST = 0.001;
const MOST_PARTS = 32;
const MOST_KNOWN = 256;
const LONGEST_KNOWN = 256;
