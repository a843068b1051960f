import type { TemplateSegment } from './path-template.ts';
import { templateSegments } from './path-template.ts';

/** What was found under a path. */
export interface PathMatch<T> {
  readonly value: T;
  /** Values of the parameters, percent-encoded, in the order of the template. */
  readonly params: readonly string[];
}

/** A segment that is partly literal, and what follows it. */
interface MixedBranch<T> {
  readonly segment: TemplateSegment;
  readonly branch: Branch<T>;
}

/** Everything that may follow some segments. */
interface Branch<T> {
  readonly literals: Map<string, Branch<T>>;
  readonly mixed: MixedBranch<T>[];
  parameter: Branch<T> | null;
  leaf: { readonly value: T } | null;
}

/**
 * Finds path templates by paths: literal segments before those that are partly literal, and these before parameters (OpenAPI 3.2
 * §4.8). Looks at each template once at most, whatever the path is.
 */
export class PathTree<T> {
  readonly #root: Branch<T> = newBranch();

  /** Adds a template; of two that match the same paths the first stays. */
  add(template: string, value: T): void {
    let branch = this.#root;
    for (const segment of templateSegments(template)) branch = descend(branch, segment);
    branch.leaf ??= { value };
  }

  find(path: string): PathMatch<T> | null {
    const params: string[] = [];
    const value = search(this.#root, path.slice(1).split('/'), 0, params);
    return value === null ? null : { value: value.value, params };
  }
}

function newBranch<T>(): Branch<T> {
  return { literals: new Map(), mixed: [], parameter: null, leaf: null };
}

function descend<T>(branch: Branch<T>, segment: TemplateSegment): Branch<T> {
  const { literals, names } = segment;
  if (names.length === 0) {
    const literal = literals[0] ?? '';
    const next = branch.literals.get(literal) ?? newBranch<T>();
    branch.literals.set(literal, next);
    return next;
  }
  if (literals.every((literal) => literal === '') && names.length === 1)
    return (branch.parameter ??= newBranch());
  const shape = literals.join('{}');
  const same = branch.mixed.find((other) => other.segment.literals.join('{}') === shape);
  if (same !== undefined) return same.branch;
  const next = newBranch<T>();
  branch.mixed.push({ segment, branch: next });
  return next;
}

/** Values are left in `params` as they are found, and taken back where they lead nowhere. */
function search<T>(
  branch: Branch<T>,
  segments: readonly string[],
  at: number,
  params: string[],
): Branch<T>['leaf'] {
  const segment = segments[at];
  if (segment === undefined) return branch.leaf;
  const literal = branch.literals.get(segment);
  const found = literal === undefined ? null : search(literal, segments, at + 1, params);
  if (found !== null || segment === '') return found;
  const count = params.length;
  for (const {
    segment: { literals },
    branch: next,
  } of branch.mixed) {
    if (!matchMixed(segment, literals, params)) continue;
    const inMixed = search(next, segments, at + 1, params);
    if (inMixed !== null) return inMixed;
    params.length = count;
  }
  if (branch.parameter === null) return null;
  params.push(segment);
  const inParameter = search(branch.parameter, segments, at + 1, params);
  if (inParameter === null) params.length = count;
  return inParameter;
}

/** Each parameter is as short as it can be, and never empty; only the last one reaches to the end. */
function matchMixed(segment: string, literals: readonly string[], params: string[]): boolean {
  const [first = '', ...others] = literals;
  const values: string[] = [];
  if (!segment.startsWith(first)) return false;
  let at = first.length;
  for (const [index, literal] of others.entries()) {
    const isLast = index === others.length - 1;
    const end = isLast ? segment.length - literal.length : segment.indexOf(literal, at + 1);
    if (end <= at || (isLast && !segment.endsWith(literal))) return false;
    values.push(segment.slice(at, end));
    at = end + literal.length;
  }
  params.push(...values);
  return true;
}
