import type { RouteConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { asJsonSchema } from '../schema/typebox.ts';
import { validate } from '../schema/validate-policy.ts';
import { routesOfDocument } from '../validation/openapi/routes-of-document.ts';
import { compile } from '../walk/compile.ts';
import type { WrittenPolicies } from './access-policies.ts';
import type { Context } from './context.ts';
import { resolvePolicies } from './policies.ts';
import { namesForm } from './validate.ts';

type WrittenApi = ResolvedDocument['apis'] extends ReadonlyMap<string, infer A> ? A : never;

/** The routes that OpenAPI documents make, in the order of the documents. One that could not be read makes none. */
export function resolveApis(document: ResolvedDocument, context: Context): RouteConfig[] {
  return Array.from(document.apis).flatMap(([name, api]) => {
    const file = context.absolute(['apis', name, 'openapi'], api.openapi);
    const text = context.documents[file];
    if (text === undefined) return [];
    const { routes, problems } = routesOfDocument(text, { basePath: api.basePath });
    for (const { pointer, message } of problems)
      reportProblem(name, `${api.openapi}#${pointer} ${message}`, context);
    const shared = sharedParts(name, api, document, context);
    return routes.map(({ id, path, methods }) => ({
      id: `api/${name}/${id}`,
      match: { path, listeners: [], hosts: [], methods, headers: [], query: [] },
      ...shared,
    }));
  });
}

/** The name of the API that a route comes from, or null. No name of a written route has a slash. */
export function apiOf(routeId: string): string | null {
  const [, name] = /^api\/([^/]+)\//.exec(routeId) ?? [];
  return name ?? null;
}

function reportProblem(name: string, problem: string, { report }: Context): void {
  const message = `apis.${name}: there is no route for an operation, because ${problem}`;
  report({ code: 'NO_EFFECT', message, path: ['apis', name, 'openapi'], severity: 'warning' });
}

/** What all routes of an API have in common. */
function sharedParts(
  name: string,
  api: WrittenApi,
  { defaults }: ResolvedDocument,
  context: Context,
): Omit<RouteConfig, 'id' | 'match'> {
  const own = { policies: policiesOf(api), path: ['apis', name, 'policies'] };
  const inherited = { policies: defaults.policies, path: ['defaults', 'policies'] };
  const strips = api.stripBasePath && api.basePath !== '/';
  return {
    target: { kind: 'service', service: api.service },
    rewrite: strips ? { path: null, stripPrefix: api.basePath, host: null } : null,
    translate: null,
    upgrade: [],
    policies: resolvePolicies(own, inherited, context),
    origin: context.originOf('apis', name),
  };
}

const { blank: validateByDefault } = compile(asJsonSchema(validate));

/** Its own policies, with its document as what is well formed unless they say otherwise. */
function policiesOf({ policies, openapi, basePath, validate }: WrittenApi): WrittenPolicies {
  const own = policies.validate;
  if (own === 'off' || (own === null && !validate)) return { ...policies, validate: 'off' };
  const policy = own ?? (validateByDefault as NonNullable<typeof own>);
  return namesForm(policy) ? policies : { ...policies, validate: { ...policy, openapi, basePath } };
}
