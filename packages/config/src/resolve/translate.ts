import { parametersOf } from '../format/path-pattern.ts';
import { dotted, type Path } from '../path.ts';
import type { GrpcWebConfig, HttpBindingConfig, HttpRulesConfig, TranslateConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type ResolvedRoute = ResolvedDocument['routes'] extends ReadonlyMap<string, infer R> ? R : never;
type ResolvedTranslate = NonNullable<ResolvedRoute['translate']>;
type ResolvedRule = ResolvedTranslate['rules'][number];
type ResolvedBinding = ResolvedRule['additionalBindings'][number];

/** Which translation a route has, of those that there are. */
export function resolveTranslate(
  id: string,
  { match, translate }: Pick<ResolvedRoute, 'match' | 'translate'>,
  context: Context,
): TranslateConfig | null {
  if (translate === null) return null;
  const path = ['routes', id, 'translate'];
  if (translate.mcp !== null) {
    // An endpoint is a target of its own (`mcp.ts`), and makes its calls itself.
    const { grpc, graphql, soap } = translate;
    const others = { grpc: grpc !== null, graphql: graphql !== null, soap: soap !== null };
    reportMisplaced({ ...others, ...ofGrpc(translate) }, { path, beside: 'mcp' }, context);
    return null;
  }
  const { grpc, graphql, soap } = translate;
  const given = Object.entries({ grpc, graphql, soap }).flatMap(([key, value]) =>
    value === null ? [] : [key],
  );
  if (given.length !== 1) {
    const problem =
      given.length === 0 ? 'does not say between which protocols' : `has ${given.join(' and ')}`;
    const message = `routes.${id}.translate: ${problem}; give it one of grpc, graphql, soap and mcp`;
    context.report({ code: given.length === 0 ? 'MISSING_KEY' : 'CONFLICT', message, path, at: 'key' });
    return null;
  }
  const parameters = parametersOf(match.path);
  if (graphql !== null) return resolveOperation({ ...translate, graphql }, { path, parameters }, context);
  if (soap !== null) return resolveSoap({ ...translate, soap }, { path, parameters }, context);
  return grpc === 'web' ? resolveWeb(translate, path, context) : resolveTranscode(translate, path, context);
}

function resolveTranscode(translate: ResolvedTranslate, path: Path, context: Context): TranslateConfig {
  return {
    kind: 'grpc-transcode',
    unknownQuery: translate.unknownQuery,
    ignoredQuery: translate.ignoredQuery,
    unknownFields: translate.unknownFields,
    emitDefaults: translate.emitDefaults,
    messageBytes: translate.messageSize,
    streamAs: translate.streamAs,
    rules: translate.rules.map((rule, index) => resolveRule(rule, [...path, 'rules', index], context)),
  };
}

function resolveWeb(translate: ResolvedTranslate, path: Path, context: Context): GrpcWebConfig {
  reportMisplaced(ofTranscode(translate), { path, owner: 'grpc: transcode' }, context);
  return {
    kind: 'grpc-web',
    unknownFields: translate.unknownFields,
    emitDefaults: translate.emitDefaults,
    messageBytes: translate.messageSize,
    connectGet: translate.connectGet,
    connectVersion: translate.connectVersion,
  };
}

/** What the section of another translation is resolved with. */
interface Place {
  readonly path: Path;
  /** Names of the parameters of the path of the route. */
  readonly parameters: readonly string[];
}

function resolveOperation(
  translate: ResolvedTranslate & { readonly graphql: NonNullable<ResolvedTranslate['graphql']> },
  { path, parameters }: Place,
  context: Context,
): TranslateConfig {
  reportMisplaced(ofGrpc(translate), { path, owner: 'grpc' }, context);
  const { operation, id, field, messageSize } = translate.graphql;
  const document = context.absolute([...path, 'graphql', 'operation'], operation);
  return { kind: 'graphql', document, id, field, messageBytes: messageSize, parameters };
}

function resolveSoap(
  translate: ResolvedTranslate & { readonly soap: NonNullable<ResolvedTranslate['soap']> },
  { path, parameters }: Place,
  context: Context,
): TranslateConfig {
  reportMisplaced(ofGrpc(translate), { path, owner: 'grpc' }, context);
  const { messageSize, ...others } = translate.soap;
  return { kind: 'soap', ...others, messageBytes: messageSize, parameters };
}

/** Which keys of transcoding are not as they are by default. */
function ofTranscode({ unknownQuery, ignoredQuery, streamAs, rules }: ResolvedTranslate): Misplaced {
  return {
    unknownQuery: unknownQuery !== 'refuse',
    ignoredQuery: ignoredQuery.length > 0,
    streamAs: streamAs !== 'array',
    rules: rules.length > 0,
  };
}

/** Which keys of gRPC are not as they are by default. */
function ofGrpc(translate: ResolvedTranslate): Misplaced {
  return {
    ...ofTranscode(translate),
    unknownFields: translate.unknownFields !== 'refuse',
    emitDefaults: translate.emitDefaults,
    messageSize: translate.messageSize !== 4 * 1024 * 1024,
    connectGet: translate.connectGet !== 'safe',
    connectVersion: translate.connectVersion !== 'optional',
  };
}

type Misplaced = Readonly<Record<string, boolean>>;

function reportMisplaced(
  misplaced: Misplaced,
  where: { readonly path: Path } & ({ readonly owner: string } | { readonly beside: string }),
  context: Context,
): void {
  for (const [key, isThere] of Object.entries(misplaced)) {
    if (!isThere) continue;
    const why =
      'owner' in where
        ? `is for ${where.owner}; take it out`
        : `has no meaning beside ${where.beside}; take one of them out`;
    const { path } = where;
    context.report({
      code: 'CONFLICT',
      message: `${dotted(path)}: ${key} ${why}`,
      path: [...path, key],
      at: 'key',
    });
  }
}

function resolveRule(rule: ResolvedRule, path: Path, context: Context): HttpRulesConfig {
  const more = rule.additionalBindings.flatMap((binding, index) =>
    resolveBinding(binding, [...path, 'additionalBindings', index], context),
  );
  return { selector: rule.selector, bindings: [...resolveBinding(rule, path, context), ...more] };
}

/** A binding has exactly one method and path; none or several are reported here. */
function resolveBinding(binding: ResolvedBinding, path: Path, context: Context): HttpBindingConfig[] {
  const { get, put, post, delete: del, patch, custom, body, responseBody } = binding;
  const patterns = [
    ['GET', get],
    ['PUT', put],
    ['POST', post],
    ['DELETE', del],
    ['PATCH', patch],
    [custom?.kind ?? '', custom?.path ?? null],
  ] as const;
  const given = patterns.flatMap(([method, template]) => (template === null ? [] : [{ method, template }]));
  const [first] = given;
  if (first === undefined || given.length > 1) {
    const message = `${dotted(path)}: has ${given.length === 0 ? 'no path' : 'several paths'}; give it exactly one of get, put, post, delete, patch and custom`;
    context.report({ code: first === undefined ? 'MISSING_KEY' : 'CONFLICT', message, path, at: 'value' });
    return [];
  }
  if (first.method === 'GET' && body !== '') {
    const message = `${dotted(path)}: get has no body; take body out, or use post`;
    context.report({ code: 'CONFLICT', message, path: [...path, 'body'] });
  }
  return [{ method: first.method, template: first.template.text, body, responseBody }];
}
