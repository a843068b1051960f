import type { ValueShape } from '../value-shape.ts';
import { listPieces, piecesOf, recordPieces, wantedOf, type Decode, type Pieces } from './pieces.ts';
import type { Pair, Pairs } from './query-pairs.ts';
import type { Style } from './style.ts';

/** What is known of a parameter when it is looked for among others. */
export interface PairsPlan {
  readonly name: string;
  readonly style: Style;
  readonly explode: boolean;
  readonly shape: ValueShape;
  readonly decode: Decode;
  /** Whether a name is that of another parameter, so that it is no property of this one. */
  readonly isOther: (name: string) => boolean;
}

/** What is to be known to tell which names are a parameter's own. */
export type ClaimPlan = Omit<PairsPlan, 'decode'>;

/** What stands between the items of a parameter that is not exploded. A delimiter may be escaped where it has to be. */
const ITEM_DELIMITERS: Readonly<Partial<Record<Style, RegExp>>> = {
  spaceDelimited: /%20|\+/,
  pipeDelimited: /\||%7[Cc]/,
};

/** Finds a parameter in a query, a form or cookies; null: it is not there; a text: what is wrong with it. */
export function pairsReader(plan: PairsPlan): (pairs: Pairs) => Pieces | string | null {
  const { name, style, explode, shape, decode } = plan;
  const wanted = wantedOf(shape);
  if (style === 'deepObject') return (pairs) => deepPieces(pairs.all, plan);
  if (explode && wanted === 'record') return (pairs) => explodedRecord(pairs.all, plan);
  const notation = { wanted, item: ITEM_DELIMITERS[style] ?? ',', hasNamedValues: false, decode };
  const mayBeList = explode && (wanted === 'list' || shape.types.has('array'));
  return (pairs) => {
    const texts = pairs.valuesOf(name);
    const [first] = texts;
    if (first === undefined) return null;
    if (mayBeList && (wanted === 'list' || texts.length > 1)) return listPieces(texts, decode);
    return texts.length > 1 ? 'must not be there twice' : piecesOf(first, notation);
  };
}

/** Whether a name among the pairs is that of this parameter or a part of it. */
export function claims({ name, style, explode, shape, isOther }: ClaimPlan, other: string): boolean {
  if (style === 'deepObject') return other.startsWith(`${name}[`);
  if (!explode || wantedOf(shape) !== 'record') return other === name;
  return shape.names.has(other) || (shape.isOpen && !isOther(other));
}

/** `R=100&G=200&B=150`: the properties are parameters themselves. */
function explodedRecord(pairs: readonly Pair[], plan: PairsPlan): Pieces | string | null {
  const own = pairs.filter(({ name }) => name !== null && claims(plan, name));
  return own.length === 0 ? null : recordPieces(own.map(({ name, raw }) => [name, plan.decode(raw)]));
}

/** `color[R]=100&color[G]=200`. What is deeper has no rule. */
function deepPieces(pairs: readonly Pair[], { name: own, decode }: PairsPlan): Pieces | string | null {
  const found: (string | null)[][] = [];
  for (const { name, raw } of pairs) {
    if (name === null || !name.startsWith(`${own}[`)) continue;
    const property = name.slice(own.length + 1, -1);
    if (!name.endsWith(']') || /[[\]]/.test(property)) return 'must have one name in brackets';
    found.push([property, decode(raw)]);
  }
  return found.length === 0 ? null : recordPieces(found);
}
