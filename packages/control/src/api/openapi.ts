import { KINDS, type Kind } from '../domain/objects.ts';
import type { GatewayPort, OperationDoc } from '../gateway-port.ts';
import { schemaByKind } from './insight.ts';
import { isWrite, type Operation, problemsOf, type Success } from './operation.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import { isRequired, membersOf, plain, type TSchema } from './schema.ts';
import { problemSchema } from './views.ts';

type JsonObject = Record<string, unknown>;

/** What stands at the top of the document. */
interface About {
  readonly version: string;
  readonly gateway: Pick<GatewayPort, 'operations'>;
}

/**
 * The OpenAPI 3.1 document of the whole admin API: ours, from the same list and the same schemas by which requests are served and
 * checked, and the gateway's own as it tells them.
 */
export function openApiDocument(operations: readonly Operation[], { version, gateway }: About): JsonObject {
  const named: JsonObject = { ...kindSchemas() };
  const paths: Record<string, JsonObject> = {};
  for (const { method, path, ...spec } of operations.map((one) => ({ ...one, doc: docOf(one, named) }))) {
    paths[path] = { ...paths[path], [method.toLowerCase()]: spec.doc };
  }
  for (const one of gateway.operations) {
    const method = one.method.toLowerCase();
    const known = paths[one.path]?.[method];
    if (known === undefined) paths[one.path] = { ...paths[one.path], [method]: gatewayDoc(one) };
  }
  hoist(plain(problemSchema), named);
  return {
    openapi: '3.1.0',
    info: { title: 'Turnpike admin API', version, description: ABOUT, license: LICENSE },
    servers: [{ url: '/', description: 'The admin listener of a gateway.' }],
    tags: tagsOf(operations, gateway.operations),
    security: SECURITY,
    paths,
    components: { schemas: sorted(named), securitySchemes: SECURITY_SCHEMES, headers: HEADERS },
  };
}

const ABOUT = `Steers a Turnpike gateway, or a fleet of them that shares a database.

Every change of services, routes, apis, consumers, identity providers and lists makes a numbered **revision**. \`dryRun=true\` gives its plan
instead: what would change, and what is risky about it. \`ETag\` and \`If-Match\` keep editors from overwriting each other. Errors are
\`application/problem+json\` (RFC 9457) with a stable \`code\`. Secrets are never shown: they read as \`***\`, and writing \`***\` back keeps them.

Lists have pages: \`limit\` items, and \`next\` for the parameter \`after\` of the next page. Each operation says which **role** it needs
(\`x-role\`: viewer, editor, admin, each with what those before may) and **where** (\`x-within\`: everywhere, in the workspace that it is about,
or in any, and then it tells only of those).`;

const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' };

const SECURITY = [{ token: [] }, { session: [], csrf: [] }, { certificate: [] }];

const SECURITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the configuration, or one that was made here.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'turnpike_session',
    description: 'The session of a browser, from `POST /v1/session` or a login.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF-Token',
    description: 'With a session, for whatever is not GET: `csrf` of `GET /v1/me`.',
  },
  certificate: { type: 'mutualTLS', description: 'A certificate that the configuration knows.' },
};

const HEADERS = {
  RetryAfter: { description: 'After how many seconds to try again.', schema: { type: 'integer' } },
  Challenge: { description: 'What is needed (RFC 9110 §11.6.1).', schema: { type: 'string' } },
};

const TAGS: Readonly<Record<string, string>> = {
  services: 'What requests are sent to.',
  routes: 'Which requests go where, and under which policies.',
  apis: 'Groups of routes with policies in common.',
  consumers: 'Callers that credentials are kept for.',
  'identity-providers': 'Who says who is calling.',
  lists: 'Named lists of addresses.',
  keys: 'Keys of consumers.',
  configuration: 'All objects at once.',
  revisions: 'The history of the configuration.',
  workspaces: 'Parts of the gateway for teams.',
  tokens: 'Tokens of this API.',
  session: 'Browsers: who you are, coming in and going.',
  audit: 'Who did what.',
  fleet: 'Gateways that share a database, and roll-outs.',
  insight: 'What the gateway does, and why.',
};

function tagsOf(operations: readonly Operation[], others: readonly OperationDoc[]): JsonObject[] {
  const names = new Set([...operations, ...others].map(({ tag }) => tag));
  return [...names].map((name) => ({ name, description: TAGS[name] ?? 'Of the gateway itself.' }));
}

function docOf(operation: Operation, named: JsonObject): JsonObject {
  const { access, parameters, query, headers = {} } = operation;
  const needed =
    access.role === null ? 'For everybody.' : `Needs the role **${access.role}** ${WITHIN[access.within]}.`;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: [operation.description, needed].filter(Boolean).join('\n\n'),
    ...(access.role === null
      ? { security: [], 'x-role': 'anyone' }
      : { 'x-role': access.role, 'x-within': access.within }),
    parameters: [
      ...parametersIn('path', parameters, named),
      ...parametersIn('query', query, named),
      ...Object.entries(headers).map(([name, description]) => headerParameter(name, description)),
    ],
    ...(operation.body !== undefined && { requestBody: requestBody(operation, named) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, success]) => [status, successDoc(success, named)]),
      ),
      ...problemDocs(problemsOf(operation)),
    },
    ...(isWrite(operation) && { 'x-write': true }),
  };
}

const WITHIN = {
  everywhere: 'in all workspaces',
  workspace: 'in the workspace that it is about',
  any: 'in some workspace, and tells only of those',
};

function parametersIn(place: 'path' | 'query', schema: TSchema | undefined, named: JsonObject): JsonObject[] {
  if (schema === undefined) return [];
  return Object.entries(membersOf(schema)).map(([name, member]) => {
    const { description, examples, ...rest } = plain(member);
    const example = Array.isArray(examples) ? { example: examples[0] as unknown } : {};
    const required = place === 'path' || isRequired(schema, name);
    return { name, in: place, required, description, schema: hoist(rest, named), ...example };
  });
}

function headerParameter(name: string, description: string): JsonObject {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}

function requestBody(
  { body, bodyKind, bodyTypes = [], bodyMayLack }: Operation,
  named: JsonObject,
): JsonObject {
  const schema =
    bodyKind === undefined ? hoist(plain(body ?? {}), named) : { $ref: refTo(KIND_NAMES[bodyKind]) };
  const others = bodyTypes.map((type) => [type, { schema: { type: 'string' } }]);
  return {
    required: bodyMayLack !== true,
    content: { 'application/json': { schema }, ...Object.fromEntries(others) },
  };
}

function successDoc({ description, body, types = [], headers = {} }: Success, named: JsonObject): JsonObject {
  const fields = Object.entries(headers).map(([name, said]) => [
    name,
    { description: said, schema: { type: 'string' } },
  ]);
  const others = types.map((type) => [type, { schema: { type: 'string' } }]);
  return {
    description,
    ...(fields.length > 0 && { headers: Object.fromEntries(fields) }),
    ...(body !== null && {
      content: { 'application/json': { schema: hoist(plain(body), named) }, ...Object.fromEntries(others) },
    }),
  };
}

/** Problems by status: each code that one may have, as an example. */
function problemDocs(codes: readonly ProblemCode[]): JsonObject {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => PROBLEMS[code][0] === status);
      return [String(status), problemDoc(status, here)];
    }),
  );
}

function problemDoc(status: number, codes: readonly ProblemCode[]): JsonObject {
  const headers = {
    ...([429, 503].includes(status) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
    ...([401].includes(status) && { 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } }),
  };
  const examples = codes.map((code) => {
    const type = `https://turnpike.dev/problems/admin/${code.toLowerCase().replaceAll('_', '-')}`;
    return [code, { value: { type, title: PROBLEMS[code][1], status, code } }];
  });
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
    ...(Object.keys(headers).length > 0 && { headers }),
    'x-codes': codes,
    content: {
      'application/problem+json': {
        schema: { $ref: refTo('Problem') },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

function gatewayDoc({ path, method, role, summary, tag, query, body, answer }: OperationDoc): JsonObject {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
  const words = `${method.toLowerCase()}${path.replaceAll(/[^a-zA-Z]+(\w?)/g, (_all, letter: string) => letter.toUpperCase())}`;
  return {
    operationId: words,
    tags: [tag],
    summary,
    description: role === 'anyone' ? 'For everybody.' : `Needs the role **${role}** in all workspaces.`,
    ...(role === 'anyone'
      ? { security: [], 'x-role': 'anyone' }
      : { 'x-role': role, 'x-within': 'everywhere' }),
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...Object.entries(query).map(([name, description]) => {
        return { name, in: 'query', required: false, description, schema: { type: 'string' } };
      }),
    ],
    ...(body !== null && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      ...(answer === null
        ? { '2XX': { description: 'It was done.' } }
        : { '2XX': { description: 'The answer.', content: { 'application/json': { schema: answer } } } }),
      default: {
        description: 'A problem.',
        content: { 'application/problem+json': { schema: { $ref: refTo('Problem') } } },
      },
    },
    'x-gateway': true,
  };
}

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  services: 'ServiceDocument',
  routes: 'RouteDocument',
  apis: 'ApiDocument',
  consumers: 'ConsumerDocument',
  identityProviders: 'IdentityProviderDocument',
  lists: 'ListDocument',
};

/** What stands below a name in a configuration, by the schema that editors use. */
function kindSchemas(): JsonObject {
  const { $defs } = schemaByKind() as { $defs: Record<string, JsonObject> };
  const moved = JSON.parse(
    JSON.stringify($defs).replaceAll('#/$defs/reference', refTo('Reference')),
  ) as Record<string, JsonObject>;
  const kinds = KINDS.map((kind) => [KIND_NAMES[kind], moved[kind]]);
  return { Reference: moved['reference'], ...Object.fromEntries(kinds) };
}

/** Moves schemas with a title among the named ones, and leaves references in their places. */
function hoist(schema: unknown, named: JsonObject): unknown {
  if (Array.isArray(schema)) return schema.map((one) => hoist(one, named));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { title, ...rest } = schema as JsonObject & { title?: unknown };
  const moved = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, hoist(value, named)]));
  if (typeof title !== 'string')
    return title === undefined ? moved : { title: hoist(title, named), ...moved };
  named[title] = moved;
  return { $ref: refTo(title) };
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function sorted(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}
