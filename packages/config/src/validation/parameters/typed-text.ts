import { isList, type ValueShape } from '../value-shape.ts';
import type { Pieces } from './pieces.ts';

/** What a parameter is made of as the value that its schema wants. */
export function typedPieces(pieces: Pieces, shape: ValueShape): unknown {
  if (pieces.kind === 'text') return typedText(pieces.text, shape);
  return pieces.kind === 'list' ? typedList(pieces.texts, shape) : typedRecord(pieces.pairs, shape);
}

/** The numbers of JSON (RFC 8259 §6): no other spelling is one, because others mean different things to different readers. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A text as the value that its schema wants, if it can be read as one; otherwise the text, about which the schema will complain. */
export function typedText(text: string, { types }: ValueShape): unknown {
  if ((types.has('integer') || types.has('number')) && NUMBER.test(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.has('null') && !types.has('string') && (text === '' || text === 'null')) return null;
  return text;
}

/** Texts as the items of a list. */
function typedList(texts: readonly string[], shape: ValueShape): unknown[] {
  const items = shape.items();
  return texts.map((text) => typedText(text, items));
}

/** Pairs of name and text as an object. A property that is a list gets all of its texts; of any other only one is expected. */
function typedRecord(
  pairs: readonly (readonly [name: string, text: string])[],
  shape: ValueShape,
): Record<string, unknown> {
  const texts = new Map<string, string[]>();
  for (const [name, text] of pairs) {
    const others = texts.get(name);
    if (others === undefined) texts.set(name, [text]);
    else others.push(text);
  }
  const entries = Array.from(texts, ([name, all]) => [name, typedTexts(all, shape.property(name))] as const);
  return Object.fromEntries(entries);
}

/** One text or several as a value: several are a list, whether the schema expects one or not. */
export function typedTexts(texts: readonly string[], shape: ValueShape): unknown {
  const [only = ''] = texts;
  return texts.length > 1 || isList(shape) ? typedList(texts, shape) : typedText(only, shape);
}
