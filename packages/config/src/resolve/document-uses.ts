import type { Path } from '../path.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';

/** A file that the configuration names, and where. */
export interface DocumentUse {
  /** Absolute; a key of `GatewayConfig.documents`. */
  readonly path: string;
  readonly at: Path;
  readonly kind: 'openapi' | 'schema';
}

/** Every file whose text belongs to the configuration. */
export function documentUses(
  { apis, defaults, routes }: ResolvedDocument,
  absolute: Context['absolute'],
): DocumentUse[] {
  const use = (kind: DocumentUse['kind'], name: string, at: Path): DocumentUse[] =>
    name === '' ? [] : [{ path: absolute(at, name), at, kind }];
  const usesOf = ({ validate }: WrittenPolicies, path: Path): DocumentUse[] => {
    if (!isActive(validate)) return [];
    const { openapi, body } = validate;
    return [
      ...(openapi === null ? [] : use('openapi', openapi, [...path, 'validate', 'openapi'])),
      ...(typeof body === 'string' ? use('schema', body, [...path, 'validate', 'body']) : []),
    ];
  };
  return [
    ...usesOf(defaults.policies, ['defaults', 'policies']),
    ...Array.from(apis).flatMap(([name, { openapi, policies }]) => [
      ...use('openapi', openapi, ['apis', name, 'openapi']),
      ...usesOf(policies, ['apis', name, 'policies']),
    ]),
    ...Array.from(routes).flatMap(([id, { policies, translate }]) => [
      ...usesOf(policies, ['routes', id, 'policies']),
      ...(translate?.mcp?.tools ?? []).flatMap(({ openapi }, index) =>
        use('openapi', openapi ?? '', ['routes', id, 'translate', 'mcp', 'tools', index, 'openapi']),
      ),
    ]),
  ];
}

/** A schema that is written in place. */
export interface SchemaUse {
  readonly at: Path;
  readonly schema: object;
  readonly kind: 'parameter' | 'body';
}

/** Every schema that is written in place. */
export function schemaUses({ apis, defaults, routes }: ResolvedDocument): SchemaUse[] {
  return [
    ...schemasOf(defaults.policies, ['defaults', 'policies']),
    ...Array.from(apis).flatMap(([name, { policies }]) => schemasOf(policies, ['apis', name, 'policies'])),
    ...Array.from(routes).flatMap(([id, { policies }]) => schemasOf(policies, ['routes', id, 'policies'])),
  ];
}

function schemasOf({ validate }: WrittenPolicies, path: Path): SchemaUse[] {
  if (!isActive(validate)) return [];
  const { body } = validate;
  const parameters = (['path', 'query', 'headers'] as const).flatMap((key) =>
    Array.from(validate[key] ?? [], ([name, schema]): SchemaUse => {
      return { at: [...path, 'validate', key, name], schema, kind: 'parameter' };
    }),
  );
  if (body === null || typeof body === 'string') return parameters;
  return [...parameters, { at: [...path, 'validate', 'body'], schema: body, kind: 'body' }];
}
