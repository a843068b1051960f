import type { HttpTemplate } from '@turnpike/config/http-template';

/** What became of a look for a method and a path. */
export type Found<T> =
  | { readonly kind: 'found'; readonly value: T; readonly segments: readonly string[] }
  | { readonly kind: 'unknown-path' }
  | { readonly kind: 'unknown-method'; readonly allow: string };

/** Values by method, of those templates that end in one place with one verb. */
type Ends<T> = Map<string, Map<string, T>>;

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  one: Node<T> | null;
  /** Of templates that end here. */
  readonly ends: Ends<T>;
  /** Of templates that end with a `**` after this. */
  readonly rests: Ends<T>;
}

/**
 * Finds the template that a path fits, for a method. Literals go before `*`, which goes before `**`; a template with a verb goes
 * before one that would take the verb for a part of the last segment.
 *
 * A tree of segments: what a request costs is bounded by the number of templates, whatever its path.
 */
export class TemplateMatcher<T> {
  readonly #root: Node<T> = newNode();

  /** Gives false if a template of that shape is there already for that method (`*` is any). */
  add(method: string, { segments, verb }: HttpTemplate, value: T): boolean {
    let node = this.#root;
    let isRest = false;
    for (const segment of segments) {
      if (segment.kind === 'rest') isRest = true;
      else if (segment.kind === 'one') node = node.one ??= newNode();
      else node = getOr(node.literals, segment.text, () => newNode<T>());
    }
    const ends = isRest ? node.rests : node.ends;
    const methods = getOr(ends, verb, () => new Map<string, T>());
    if (methods.has(method)) return false;
    methods.set(method, value);
    return true;
  }

  /** `path` is normalised and still escaped. `HEAD` is answered by what answers `GET`. */
  find(method: string, path: string): Found<T> {
    const segments = path === '/' ? [] : path.slice(1).split('/');
    const search = new Search<T>(method);
    const last = segments.at(-1) ?? '';
    const colon = last.lastIndexOf(':');
    if (colon !== -1 && colon < last.length - 1) {
      const bare = segments.with(segments.length - 1, last.slice(0, colon));
      const value = search.from(this.#root, { segments: bare, verb: last.slice(colon + 1) }, 0);
      if (value !== undefined) return { kind: 'found', value, segments: bare };
    }
    const value = search.from(this.#root, { segments, verb: '' }, 0);
    return value === undefined ? search.missed() : { kind: 'found', value, segments };
  }
}

/** A path as templates look at it. */
interface Wanted {
  readonly segments: readonly string[];
  readonly verb: string;
}

/** A walk down the tree, which remembers the methods that the path would have. */
class Search<T> {
  readonly #method: string;
  #others: Set<string> | null = null;

  constructor(method: string) {
    this.#method = method;
  }

  from(node: Node<T>, wanted: Wanted, depth: number): T | undefined {
    const segment = wanted.segments[depth];
    if (segment === undefined)
      return this.#pick(node.ends, wanted.verb) ?? this.#pick(node.rests, wanted.verb);
    const literal = node.literals.size === 0 ? undefined : node.literals.get(decoded(segment));
    const found = literal === undefined ? undefined : this.from(literal, wanted, depth + 1);
    if (found !== undefined) return found;
    const one = node.one === null || segment === '' ? undefined : this.from(node.one, wanted, depth + 1);
    return one ?? this.#pick(node.rests, wanted.verb);
  }

  missed(): Found<T> {
    if (this.#others === null) return { kind: 'unknown-path' };
    if (this.#others.has('GET')) this.#others.add('HEAD');
    return { kind: 'unknown-method', allow: [...this.#others].sort().join(', ') };
  }

  #pick(ends: Ends<T>, verb: string): T | undefined {
    const methods = ends.get(verb);
    if (methods === undefined) return undefined;
    const own = methods.get(this.#method) ?? (this.#method === 'HEAD' ? methods.get('GET') : undefined);
    const found = own ?? methods.get('*');
    if (found === undefined) for (const method of methods.keys()) (this.#others ??= new Set()).add(method);
    return found;
  }
}

/** A literal is kept decoded. What cannot be decoded is none: text with a `%` in it. */
function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Escapes that are no UTF-8: no literal is spelled like that, because it is decoded.
    return segment;
  }
}

function newNode<T>(): Node<T> {
  return { literals: new Map(), one: null, ends: new Map(), rests: new Map() };
}

function getOr<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
