import type { ValueShape } from '../value-shape.ts';
import type { HeadReader } from './head.ts';
import { listPieces, piecesOf, wantedOf, type Pieces } from './pieces.ts';
import { decodedForm, decodedUri, indexed } from './query-pairs.ts';
import { pairsReader, type PairsPlan } from './pairs-reader.ts';
import type { Style } from './style.ts';

/** What is known of a parameter when it is looked for. */
export interface ReaderPlan {
  readonly name: string;
  readonly style: Style;
  readonly explode: boolean;
  readonly shape: ValueShape;
}

/** Finds a parameter in a head; null: it is not there; a text: what is wrong with it, completes "The parameter …". */
export type Reader = (head: HeadReader) => Pieces | string | null;

/** Reads the value at one place of the path. */
export function pathReader(plan: ReaderPlan, index: number): Reader {
  const { style, explode, shape } = plan;
  if (style === 'matrix') return (head) => matrixPieces(head.param(index), plan);
  const wanted = wantedOf(shape);
  const notation = { wanted, item: ',', hasNamedValues: explode, decode: decodedUri };
  return (head) => {
    const text = head.param(index);
    if (style !== 'label') return piecesOf(text, notation);
    if (!text.startsWith('.')) return 'must begin with a dot';
    // Until 3.0.3 the specification had dots between the items; RFC 6570 has commas.
    const item = explode || !text.includes(',') ? '.' : ',';
    return piecesOf(text.slice(1), { ...notation, item });
  };
}

/** `;color=blue`, `;color=R,100,G,200`; exploded `;color=blue;color=black`, `;R=100;G=200`. */
function matrixPieces(text: string, { name, explode, shape }: ReaderPlan): Pieces | string {
  if (!text.startsWith(';')) return 'must begin with a semicolon';
  const rest = text.slice(1);
  const wanted = wantedOf(shape);
  const notation = { wanted, item: ';', hasNamedValues: true, decode: decodedUri };
  if (explode && wanted === 'record') return piecesOf(rest, notation);
  const parts = explode && wanted === 'list' ? rest.split(';') : [rest];
  const values = parts.flatMap((part) => valueAfter(part, name));
  if (values.length < parts.length) return 'must be called by its name';
  if (explode && wanted === 'list') return listPieces(values, decodedUri);
  return piecesOf(values[0] ?? '', { ...notation, item: ',', hasNamedValues: false });
}

function valueAfter(text: string, name: string): string[] {
  if (text === name) return [''];
  return text.startsWith(`${name}=`) ? [text.slice(name.length + 1)] : [];
}

/** Reads a field; several of one name are one list (RFC 9110 §5.3). Nothing in it is percent-encoded. */
export function headerReader({ name, explode, shape }: ReaderPlan): Reader {
  const notation = { wanted: wantedOf(shape), item: ',', hasNamedValues: explode, decode: trimmed };
  const lower = name.toLowerCase();
  return (head) => {
    const text = head.header(lower);
    return text === undefined ? null : piecesOf(text, notation);
  };
}

function trimmed(text: string): string {
  return text.trim();
}

/** Reads a parameter of the query. */
export function queryReader(plan: ReaderPlan, isOther: (name: string) => boolean): Reader {
  const read = pairsReader({ ...plan, decode: decodedForm, isOther });
  return (head) => read(head.pairs);
}

/** Reads a cookie. A record that is exploded has a cookie for each of its properties. */
export function cookieReader(plan: ReaderPlan): Reader {
  const decode: PairsPlan['decode'] = plan.style === 'cookie' ? (text) => text : decodedUri;
  const read = pairsReader({ ...plan, decode, isOther: () => true });
  const names = new Set([plan.name, ...plan.shape.names]);
  return (head) => {
    const pairs = Array.from(names, (name) => head.cookies(name).map((raw) => ({ name, raw })));
    return read(indexed(pairs.flat()));
  };
}
