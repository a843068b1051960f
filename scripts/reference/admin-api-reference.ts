import type { Kit } from '../../packages/control/src/api/kit.ts';
import { openApiDocument } from '../../packages/control/src/api/openapi.ts';
import { operations } from '../../packages/control/src/api/operations.ts';
import { PROBLEMS } from '../../packages/control/src/api/problems.ts';
import type { AdminPorts } from '../../packages/gateway/src/admin/admin-ports.ts';
import { adminRoutes } from '../../packages/gateway/src/admin/admin-routes.ts';
import { operationDocs } from '../../packages/gateway/src/admin/operations.ts';

interface Spec {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
}

interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly 'x-codes'?: readonly string[];
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Spec>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** The page `docs/reference/admin-api.md`, from the OpenAPI document. */
export function adminApiReference(): string {
  const document = theDocument();
  const operationsByTag = document.tags.map(({ name, description }) => section(name, description, document));
  return `# Admin API

Generated from the OpenAPI document that a gateway serves at \`/openapi.json\`; do not edit. [The guide](../admin-api.md) shows how it is
used, \`/docs\` on a gateway tries it out, and \`/redoc\` is good to read.

${operationsByTag.join('\n')}
## Schemas

${schemas(document)}
## Problems

Errors are \`application/problem+json\` (RFC 9457) with one of these in \`code\`. An operation names those that are its own; all may answer
\`STORE_UNAVAILABLE\` and \`INTERNAL\`.

| Code | Status | Meaning |
|---|---|---|
${Object.entries(PROBLEMS)
  .map(([code, [status, title]]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n')}
`;
}

/** Nothing is asked of these ports: only what operations say of themselves is looked at. */
function theDocument(): Document {
  const gateway = { operations: operationDocs(adminRoutes({} as AdminPorts)) };
  return openApiDocument(operations({ ports: {} } as Kit), { version: '', gateway }) as unknown as Document;
}

function section(tag: string, description: string, document: Document): string {
  const found = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, spec]) => spec.tags[0] === tag)
      .map(([method, spec]) => operation(`${method.toUpperCase()} ${path}`, spec, document)),
  );
  return `## ${tag}\n\n${description}\n\n${found.join('\n')}`;
}

function operation(title: string, spec: Spec, document: Document): string {
  const answers = Object.entries(spec.responses).flatMap(([status, one]) => answer(status, one));
  const codes = Object.values(spec.responses).flatMap((one) => codesOf(one, document));
  const lines = [
    ...spec.parameters.map(parameter),
    ...(spec.requestBody === undefined ? [] : [`- body: ${bodyOf(spec.requestBody.content)}`]),
    ...answers,
    ...(codes.length === 0 ? [] : [`- problems: ${codes.map((code) => `\`${code}\``).join(', ')}`]),
  ];
  return `### ${title}\n\n${spec.summary}. ${spec.description.replaceAll('\n\n', ' ')}\n\n${lines.join('\n')}\n`;
}

function parameter({ name, in: place, required, description = '' }: Parameter): string {
  return `- \`${name}\` (${place}${required ? '' : ', optional'}): ${description}`.replace(/: $/, '');
}

function answer(status: string, { description, content, $ref }: Response): string[] {
  if ($ref !== undefined || description === undefined || status === 'default') return [];
  const body = content === undefined ? '' : ` ${bodyOf(content)}`;
  return [`- ${status}: ${description}${body}`];
}

/** Those that say something of this operation. */
function codesOf({ $ref = '' }: Response, { components }: Document): readonly string[] {
  const codes = components.responses[$ref.split('/').at(-1) ?? '']?.['x-codes'] ?? [];
  return codes.filter((code) => code !== 'STORE_UNAVAILABLE' && code !== 'INTERNAL');
}

function bodyOf(content: Readonly<Record<string, { readonly schema: Schema }>>): string {
  const [first] = Object.values(content);
  const others = Object.keys(content).slice(1);
  const also = others.length === 0 ? '' : ` (or ${others.map((type) => `\`${type}\``).join(', ')})`;
  return `${typeOf(first?.schema ?? {})}${also}`;
}

/** A schema in a word or a line. */
function typeOf(schema: Schema): string {
  const { $ref, type, enum: values, anyOf, items, properties } = schema;
  if ($ref !== undefined) return linkTo($ref.split('/').at(-1) ?? '');
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' or ');
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (properties === undefined) return type ?? 'anything';
  const members = Object.entries(properties).map(([name, member]) => {
    return `\`${name}\`${schema.required?.includes(name) === true ? '' : '?'}: ${typeOf(member)}`;
  });
  return `{ ${members.join(', ')} }`;
}

function linkTo(name: string): string {
  const isConfiguration = name.endsWith('Document');
  return isConfiguration ? `[${name}](configuration.md)` : `[${name}](#${name.toLowerCase()})`;
}

function schemas({ components }: Document): string {
  const own = Object.entries(components.schemas).filter(
    ([name]) => name !== 'Reference' && !name.endsWith('Document'),
  );
  return own
    .map(([name, { description = '', properties = {}, required = [] }]) => {
      const rows = Object.entries(properties).map(([member, schema]) => {
        const said = (schema.description ?? '').replaceAll('|', '\\|');
        return `| \`${member}\`${required.includes(member) ? '' : ' (optional)'} | ${typeOf(schema)} | ${said} |`;
      });
      return `### ${name}\n\n${description}\n\n| Member | Type | Meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
    })
    .join('\n');
}
