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
  translate: ResolvedRoute['translate'],
  context: Context,
): TranslateConfig | null {
  if (translate === null) return null;
  const path = ['routes', id, 'translate'];
  if (translate.mcp !== null) {
    // An endpoint is a target of its own (`mcp.ts`), and makes its calls itself.
    reportMisplaced(translate, { path, keys: [...Object.keys(OF_GRPC), 'grpc'], beside: 'mcp' }, context);
    return null;
  }
  if (translate.grpc === null) {
    const message = `routes.${id}.translate: does not say between which protocols; write grpc: transcode, grpc: web or mcp: { … }`;
    context.report({ code: 'MISSING_KEY', message, path, at: 'key' });
    return null;
  }
  if (translate.grpc === 'web') return resolveWeb(translate, path, context);
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

/** Whether keys that are for gRPC alone say something else than what holds without them. */
const OF_GRPC = {
  unknownQuery: ({ unknownQuery }) => unknownQuery !== 'refuse',
  ignoredQuery: ({ ignoredQuery }) => ignoredQuery.length > 0,
  streamAs: ({ streamAs }) => streamAs !== 'array',
  rules: ({ rules }) => rules.length > 0,
  unknownFields: ({ unknownFields }) => unknownFields !== 'refuse',
  emitDefaults: ({ emitDefaults }) => emitDefaults,
  connectGet: ({ connectGet }) => connectGet !== 'safe',
  connectVersion: ({ connectVersion }) => connectVersion !== 'optional',
  messageSize: ({ messageSize }) => messageSize !== 4 * 2 ** 20,
} as const satisfies Readonly<Record<string, (translate: ResolvedTranslate) => boolean>>;

const OF_TRANSCODING = ['unknownQuery', 'ignoredQuery', 'streamAs', 'rules'] as const;

interface Misplaced {
  readonly path: Path;
  readonly keys: readonly string[];
  /** What is there, with which they have no meaning. */
  readonly beside: 'mcp' | 'grpc: web';
}

function reportMisplaced(
  translate: ResolvedTranslate,
  { path, keys, beside }: Misplaced,
  context: Context,
): void {
  const tests: Readonly<Record<string, (translate: ResolvedTranslate) => boolean>> = {
    ...OF_GRPC,
    grpc: ({ grpc }) => grpc !== null,
  };
  for (const key of keys) {
    if (tests[key]?.(translate) !== true) continue;
    const message =
      beside === 'mcp'
        ? `${dotted(path)}: ${key} has no meaning beside mcp; take one of them out`
        : `${dotted(path)}: ${key} is for grpc: transcode; take it out`;
    context.report({ code: 'CONFLICT', message, path: [...path, key], at: 'key' });
  }
}

function resolveWeb(translate: ResolvedTranslate, path: Path, context: Context): GrpcWebConfig {
  reportMisplaced(translate, { path, keys: OF_TRANSCODING, beside: 'grpc: web' }, context);
  return {
    kind: 'grpc-web',
    unknownFields: translate.unknownFields,
    emitDefaults: translate.emitDefaults,
    messageBytes: translate.messageSize,
    connectGet: translate.connectGet,
    connectVersion: translate.connectVersion,
  };
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
