import type { Draft } from '../issue.ts';
import { nearest } from '../nearest.ts';
import { dotted, type Path } from '../path.ts';
import { show } from '../walk/walk.ts';
import type { ReferenceAt } from './check.ts';

/** A name that was written, and what it should be the name of. */
export interface Name {
  /** In the singular. */
  readonly kind: string;
  /** Where such names are given. */
  readonly section: string;
  readonly name: string;
  readonly path: Path;
}

/** What names of identity providers are. */
export const PROVIDER = { kind: 'identity provider', section: 'identityProviders' } as const;

/** Says that there is no such thing, and what was probably meant. */
export function unknownName(
  { kind, section, name, path }: Name,
  known: ReadonlySet<string>,
  referenceAt: ReferenceAt,
): Draft {
  const reference = referenceAt(path);
  const suggestion = reference === undefined ? nearest(name, known) : undefined;
  const found = `${ownerOf(path)}: there is no ${kind} ${show(name, reference)}`;
  const message = `${found}; ${hint(suggestion, known, `${kind}s`)}`;
  return { code: 'UNKNOWN_NAME', message, path, suggestion, from: [[section]] };
}

/** Whose fault it is, for the beginning of a message: `routes.users`, `defaults`. */
export function ownerOf(path: Path): string {
  return dotted(path.slice(0, path[0] === 'defaults' ? 1 : 2));
}

/** A parameter that something uses on a route, whose name is the second part of the path. */
export interface Parameter {
  readonly name: string;
  readonly path: Path;
  readonly pattern: string;
  readonly user?: 'the template' | 'a limit' | 'validate';
}

/** Says that the path pattern has no such parameter, and which was probably meant. */
export function unknownParameter(
  parameter: Parameter,
  known: ReadonlySet<string>,
  referenceAt: ReferenceAt,
): Draft {
  const { name, path, pattern, user = 'the template' } = parameter;
  const route = String(path[1]);
  const from = ['routes', route, 'match', 'path'];
  const where = referenceAt(from);
  const isPlain = where === undefined && referenceAt(path) === undefined;
  const suggestion = isPlain ? nearest(name, known) : undefined;
  const used = `${user} uses ${isPlain ? `{${name}}` : 'a parameter'}`;
  const found = `routes.${route}: ${used}, which the path ${show(pattern, where)} does not have`;
  const message = isPlain ? `${found}; ${hint(suggestion, known, 'parameters')}` : found;
  return { code: 'UNKNOWN_PARAMETER', message, path, suggestion, from: [from] };
}

/** What was probably meant, or else what there is. */
function hint(suggestion: string | undefined, known: ReadonlySet<string>, what: string): string {
  if (suggestion !== undefined) return `did you mean ${suggestion}?`;
  if (known.size === 0) return `there are no ${what}`;
  const some = [...known].slice(0, 10).join(', ');
  return `${what}: ${some}${known.size > 10 ? ', …' : ''}`;
}
