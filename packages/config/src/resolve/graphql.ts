import { parametersOf } from '../format/path-pattern.ts';
import type { Path } from '../path.ts';
import type { GraphqlConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';
import type { PolicySource } from './validate.ts';

/** A file, or a directory of files, that the configuration names for GraphQL. */
export interface GraphqlUse {
  /** Absolute; a key of `GatewayConfig.documents`. */
  readonly path: string;
  readonly at: Path;
  readonly kind: 'schema' | 'operations';
  /** The one that requests are translated to, or null. */
  readonly operation: UsedOperation | null;
}

/** An operation that requests are translated to. */
export interface UsedOperation {
  /** Null: the only one. */
  readonly id: string | null;
  /** Of `data`; null: all of it. */
  readonly field: string | null;
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** What GraphQL operations may ask for: a route's own policy, or that of the defaults. */
export function resolveGraphql(
  own: PolicySource,
  defaults: PolicySource,
  context: Context,
): GraphqlConfig | null {
  const { policies, path } = own.policies.graphql === null ? defaults : own;
  const policy = policies.graphql;
  if (!isActive(policy)) return null;
  const at = [...path, 'graphql'];
  const { schema, persistedOperations, automaticPersistedOperations, ...others } = policy;
  const persisted = persistedOf(persistedOperations);
  return {
    ...others,
    automatic: automaticPersistedOperations,
    schema: schema === null ? null : context.absolute([...at, 'schema'], schema),
    persisted:
      persisted === null
        ? null
        : { ...persisted, path: context.absolute([...at, 'persistedOperations'], persisted.path) },
  };
}

/** Every file and directory that is named for GraphQL. */
export function graphqlUses(
  { apis, defaults, routes }: ResolvedDocument,
  absolute: Context['absolute'],
): GraphqlUse[] {
  const usesOf = ({ graphql }: WrittenPolicies, path: Path): GraphqlUse[] => {
    if (!isActive(graphql)) return [];
    const at = [...path, 'graphql'];
    const use = (kind: GraphqlUse['kind'], key: string, name: string): GraphqlUse[] => {
      const place = [...at, key];
      return name === '' ? [] : [{ path: absolute(place, name), at: place, kind, operation: null }];
    };
    return [
      ...use('schema', 'schema', graphql.schema ?? ''),
      ...use('operations', 'persistedOperations', persistedOf(graphql.persistedOperations)?.path ?? ''),
    ];
  };
  return [
    ...usesOf(defaults.policies, ['defaults', 'policies']),
    ...Array.from(apis).flatMap(([name, { policies }]) => usesOf(policies, ['apis', name, 'policies'])),
    ...Array.from(routes).flatMap(([id, { policies }]) => usesOf(policies, ['routes', id, 'policies'])),
    ...Array.from(routes).flatMap(([id, { match, translate }]): GraphqlUse[] => {
      if (translate === null || translate.graphql === null) return [];
      const at = ['routes', id, 'translate', 'graphql', 'operation'];
      const { operation: name, ...others } = translate.graphql;
      const operation = { ...others, parameters: parametersOf(match.path) };
      return [{ path: absolute(at, name), at, kind: 'operations', operation }];
    }),
  ];
}

type Written = Extract<WrittenPolicies['graphql'], object>['persistedOperations'];

function persistedOf(written: Written): { readonly path: string; readonly only: boolean } | null {
  return typeof written === 'string' ? { path: written, only: true } : written;
}
