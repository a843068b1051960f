import { KINDS, type Kind } from '../domain/objects.ts';
import { schemaByKind } from './insight.ts';
import { PROBLEMS, problem, type ProblemCode } from './problems.ts';
import { plain, type TSchema } from './schema.ts';
import { problemSchema } from './views.ts';

/** Plain JSON. */
export type JsonObject = Record<string, unknown>;

/** What the document has once, and refers to from where it is used. */
export interface Components {
  /** A schema, with references in place of those that have names. */
  schema(schema: TSchema): unknown;
  /** What stands below a name in a configuration, by the schema that editors use. */
  kind(kind: Kind): JsonObject;
  /** Responses by status, for these problems. */
  problems(codes: readonly ProblemCode[]): JsonObject;
  all(): { readonly schemas: JsonObject; readonly responses: JsonObject };
}

const PROBLEM = { $ref: '#/components/schemas/Problem' };

const KIND_NAMES: Readonly<Record<Kind, string>> = {
  services: 'ServiceDocument',
  routes: 'RouteDocument',
  apis: 'ApiDocument',
  consumers: 'ConsumerDocument',
  identityProviders: 'IdentityProviderDocument',
  lists: 'ListDocument',
  certificates: 'CertificateDocument',
};

/** Gathers what is used. */
export function components(): Components {
  const schemas: JsonObject = kindSchemas();
  const responses: JsonObject = {};
  hoist(plain(problemSchema), schemas);

  function problemResponse(status: number, codes: readonly ProblemCode[]): JsonObject {
    const name = `${status}-${codes.join('-')}`;
    responses[name] = problemDoc(status, codes);
    return { $ref: `#/components/responses/${name}` };
  }

  return {
    schema: (schema) => hoist(plain(schema), schemas),
    kind: (kind) => ({ $ref: refTo(KIND_NAMES[kind]) }),
    problems(codes) {
      const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))].sort((a, b) => a - b);
      const byStatus = statuses.map((status) => [
        String(status),
        problemResponse(
          status,
          codes.filter((code) => PROBLEMS[code][0] === status),
        ),
      ]);
      return Object.fromEntries(byStatus);
    },
    all: () => ({ schemas: sorted(schemas), responses: sorted(responses) }),
  };
}

/** Where the document says what a problem of the gateway's own operations looks like. */
export const anyProblem = {
  description: 'A problem.',
  content: { 'application/problem+json': { schema: PROBLEM } },
};

/** Each code that one may have, as an example. */
function problemDoc(status: number, codes: readonly ProblemCode[]): JsonObject {
  const retry = status === 429 || status === 503 ? { 'Retry-After': header(RETRY, 'integer') } : {};
  const challenge = status === 401 ? { 'WWW-Authenticate': header(CHALLENGE, 'string') } : {};
  const examples = codes.map((code) => [code, { value: problem(code).body }]);
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
    headers: { ...retry, ...challenge },
    'x-codes': codes,
    content: { 'application/problem+json': { schema: PROBLEM, examples: Object.fromEntries(examples) } },
  };
}

const RETRY = 'After how many seconds to try again.';
const CHALLENGE = 'What is needed (RFC 9110 §11.6.1).';

function header(description: string, type: string): JsonObject {
  return { description, required: true, schema: { type } };
}

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
  const { title, ...rest } = schema as JsonObject;
  const moved = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, hoist(value, named)]));
  // A member may be called so too, and then has a schema.
  if (typeof title !== 'string')
    return title === undefined ? moved : { title: hoist(title, named), ...moved };
  named[title] = moved;
  return { $ref: refTo(title) };
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function sorted(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}
