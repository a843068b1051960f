import { isObject, textAt } from '../json.ts';
import { valueAt } from '../json-pointer.ts';
import { lazy } from '../lazy.ts';

/** A place in one of the documents. */
export interface Place {
  /** Of the document. */
  readonly uri: string;
  readonly pointer: string;
  readonly value: unknown;
}

/** How many references may lead to one another. */
const MAX_HOPS = 100;

/** Documents that refer to each other, by their addresses. Nothing else is ever looked for. */
export class DocumentSet {
  readonly #roots = new Map<string, () => unknown>();

  /** Takes a document in; `path` is its absolute path. It is read when something first leads to it. */
  add(path: string, read: () => unknown): void {
    this.#roots.set(uriOf(path), lazy(read));
  }

  has(uri: string): boolean {
    return this.#roots.has(uri);
  }

  /** Undefined if there is no such document. */
  root(uri: string): unknown {
    return this.#roots.get(uri)?.();
  }

  /** What a reference in the document `base` leads to; null for what is not there. */
  find(reference: string, base: string): Place | null {
    const target = targetOf(reference, base);
    return target === null ? null : this.at(target.uri, target.pointer);
  }

  at(uri: string, pointer: string): Place | null {
    const value = valueAt(this.root(uri), pointer);
    return value === undefined ? null : { uri, pointer, value };
  }

  /** Goes where references lead, to the first that is none; null for circles, and for what is not there. */
  follow(place: Place): Place | null {
    let at: Place | null = place;
    for (let hops = 0; at !== null && hops < MAX_HOPS; hops++) {
      const reference: string = textAt(at.value, '$ref');
      if (reference === '') return isObject(at.value) || typeof at.value === 'boolean' ? at : null;
      at = this.find(reference, at.uri);
    }
    return null;
  }
}

/** The address of a file, against which its references are resolved (RFC 8089). */
export function uriOf(path: string): string {
  return `file://${encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent)}`;
}

/** The path behind an address of a file; null for other addresses. */
export function pathOf(uri: string): string | null {
  return uri.startsWith('file:///') ? decodeURIComponent(uri.slice('file://'.length)) : null;
}

/** Document and JSON Pointer of a reference; null for what is none, or names an anchor. */
export function targetOf(reference: string, base: string): Omit<Place, 'value'> | null {
  const [address = '', fragment = ''] = reference.split('#', 2);
  if (fragment !== '' && !fragment.startsWith('/')) return null;
  try {
    const uri = address === '' ? base : new URL(address, base).href;
    return { uri, pointer: decodeURIComponent(fragment) };
  } catch {
    // Neither an address nor decodable: it leads nowhere.
    return null;
  }
}

/** A place as an address with a fragment (RFC 6901 §6). */
export function addressOf({ uri, pointer }: Omit<Place, 'value'>): string {
  return `${uri}#${pointer.split('/').map(encodeURIComponent).join('/')}`;
}
