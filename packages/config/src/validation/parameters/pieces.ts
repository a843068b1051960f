import { isList, isRecord, type ValueShape } from '../value-shape.ts';

/** What a parameter is made of, decoded. */
export type Pieces =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly texts: readonly string[] }
  | { readonly kind: 'record'; readonly pairs: readonly NamedText[] };

/** A name and a text. */
export type NamedText = readonly [name: string, text: string];

/** What a schema wants a parameter to be taken apart into; a text where it leaves open what it is. */
export function wantedOf(shape: ValueShape): Pieces['kind'] {
  if (isList(shape)) return 'list';
  return isRecord(shape) ? 'record' : 'text';
}

/** Decodes a piece; null if it cannot be. */
export type Decode = (text: string) => string | null;

/** How one text is taken apart. Delimiters come before decoding: one that is escaped is none. */
export interface Notation {
  readonly wanted: Pieces['kind'];
  /** Between items, and between names and values of a record that is not exploded. */
  readonly item: RegExp | string;
  /** `R=100,G=200` instead of `R,100,G,200`. */
  readonly hasNamedValues: boolean;
  readonly decode: Decode;
}

/** Takes a text apart; gives what is wrong with it, which completes "The parameter …", if it cannot. */
export function piecesOf(text: string, { wanted, item, hasNamedValues, decode }: Notation): Pieces | string {
  if (wanted === 'text') return textPiece(text, decode);
  const texts = text === '' ? [] : text.split(item);
  if (wanted === 'list') return listPieces(texts, decode);
  const pairs = hasNamedValues ? namedPairs(texts) : alternatingPairs(texts);
  if (pairs === null) return 'must consist of names and values';
  return recordPieces(pairs.map(([name, value]) => [decode(name), decode(value)]));
}

function textPiece(raw: string, decode: Decode): Pieces | string {
  const text = decode(raw);
  return text === null ? UNDECODABLE : { kind: 'text', text };
}

/** A list of texts that are still encoded. */
export function listPieces(raw: readonly string[], decode: Decode): Pieces | string {
  const texts = raw.map(decode);
  return hasNoNull(texts) ? { kind: 'list', texts } : UNDECODABLE;
}

/** A record of names and texts that were decoded before. */
export function recordPieces(pairs: readonly (readonly (string | null)[])[]): Pieces | string {
  return pairs.every(isNamedText) ? { kind: 'record', pairs } : UNDECODABLE;
}

/** What is said of a piece that cannot be decoded. */
export const UNDECODABLE = 'must be UTF-8, and percent-encoded where it has to be';

function hasNoNull(texts: readonly (string | null)[]): texts is readonly string[] {
  return !texts.includes(null);
}

function isNamedText(pair: readonly (string | null)[]): pair is NamedText {
  return pair.length === 2 && hasNoNull(pair);
}

function namedPairs(texts: readonly string[]): NamedText[] | null {
  const pairs: NamedText[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals === -1) return null;
    pairs.push([text.slice(0, equals), text.slice(equals + 1)]);
  }
  return pairs;
}

function alternatingPairs(texts: readonly string[]): NamedText[] | null {
  if (texts.length % 2 === 1) return null;
  return Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i] ?? '', texts[2 * i + 1] ?? '']);
}
