import type { Path } from '../path.ts';
import type { InlineSchemas, ValidateConfig } from '../resolved.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';

/** The policy as it is written. */
export type WrittenValidate = Extract<WrittenPolicies['validate'], object>;

/** Whether it says what is well formed, by a document or by schemas. */
export function namesForm({ openapi, path, query, headers, body }: WrittenValidate): boolean {
  return [openapi, path, query, headers, body].some((given) => given !== null);
}

/** Policies that may be a route's own, and where they are written. */
export interface PolicySource {
  readonly policies: WrittenPolicies;
  /** Ends with `policies`. */
  readonly path: Path;
}

/** Is it well formed: a route's own policy, or that of the defaults. */
export function resolveValidate(
  own: PolicySource,
  defaults: PolicySource,
  context: Context,
): ValidateConfig | null {
  const { policies, path } = own.policies.validate === null ? defaults : own;
  const policy = policies.validate;
  if (!isActive(policy)) return null;
  const { mode, responses, unknownParameters, bodyBytes } = policy;
  const source = sourceOf(policy, [...path, 'validate'], context);
  return { mode, source, responses, unknownParameters, bodyBytes };
}

function sourceOf(policy: WrittenValidate, path: Path, context: Context): ValidateConfig['source'] {
  const { openapi, basePath } = policy;
  if (openapi === null) return { kind: 'inline', schemas: schemasOf(policy, path, context) };
  return { kind: 'openapi', path: context.absolute([...path, 'openapi'], openapi), basePath };
}

function schemasOf(
  { path: params, query, headers, body }: WrittenValidate,
  at: Path,
  context: Context,
): InlineSchemas {
  const file = (path: string) => context.absolute([...at, 'body'], path);
  return {
    path: textsOf(params, (name) => name),
    query: textsOf(query, (name) => name),
    headers: textsOf(headers, (name) => name.toLowerCase()),
    body:
      typeof body === 'string'
        ? { kind: 'document', value: file(body) }
        : body && { kind: 'text', value: JSON.stringify(body) },
  };
}

function textsOf(
  schemas: ReadonlyMap<string, object> | null,
  spell: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(schemas ?? [], ([name, schema]) => [spell(name), JSON.stringify(schema)]),
  );
}
