import { isObject, textAt, type JsonObject } from '../json.ts';
import { below } from '../json-pointer.ts';
import { partsOf, type Kind } from './document-parts.ts';
import { targetOf, type DocumentSet } from './document-set.ts';

/** A part of a description, and where it is. */
export interface ReachedPart {
  readonly kind: Kind;
  /** `null` for the document itself, and for what only a reference leads to. */
  readonly within: Kind | null;
  readonly uri: string;
  readonly pointer: string;
  readonly value: JsonObject;
}

/** A reference, and the part that has it. */
export interface Reference {
  readonly from: ReachedPart;
  readonly reference: string;
}

/** Everything of a description, wherever references lead. */
export interface Reached {
  readonly parts: readonly ReachedPart[];
  readonly references: readonly Reference[];
  /** Addresses of all documents that it leads to, whether they are there or not. */
  readonly addresses: ReadonlySet<string>;
}

/** Goes through a document, and everything that it refers to. */
export function reachedParts(documents: DocumentSet, main: string, kind: Kind): Reached {
  const parts: ReachedPart[] = [];
  const references: Reference[] = [];
  const addresses = new Set([main]);
  const seen = new Set<unknown>();
  const open: Omit<ReachedPart, 'value'>[] = [{ kind, within: null, uri: main, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const place = documents.at(next.uri, next.pointer);
    if (place === null || !isObject(place.value) || seen.has(place.value)) continue;
    const part = { ...next, value: place.value };
    seen.add(part.value);
    parts.push(part);
    const reference = textAt(part.value, '$ref');
    const target = reference === '' ? null : targetOf(reference, part.uri);
    if (reference !== '') references.push({ from: part, reference });
    if (target !== null) addresses.add(target.uri);
    if (target !== null) open.push({ ...target, kind: part.kind, within: null });
    for (const { kind, path } of partsOf(part.kind, part.value)) {
      const pointer = path.reduce<string>(below, part.pointer);
      open.push({ kind, within: part.kind, uri: part.uri, pointer });
    }
  }
  return { parts, references, addresses };
}
