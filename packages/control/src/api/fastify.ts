import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { readJson } from './json-text.ts';
import { problem, type ProblemCode, type Reply } from './problems.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { checker, type Fault, membersOf, type TSchema } from './schema.ts';

// Nothing else imports fastify. It routes, reads bodies and checks them by our schemas; it listens nowhere: the admin listener of
// the gateway hands requests over.

export type { FastifyInstance, FastifyReply, FastifyRequest };

/** What an operation without a large body may take. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Ends a request with a reply from where only an error can be given. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super('refused');
    this.reply = reply;
  }
}

/** A Fastify that reads and checks what comes as strictly as we do. */
export function createFastify(answerError: (error: unknown) => Reply): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    exposeHeadRoutes: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512, querystringParser },
    frameworkErrors: (error, _request, reply) => {
      // Safe because only what it is generic in differs.
      void send((reply as unknown as FastifyReply).headers(SECURITY_HEADERS), answerError(error));
    },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parsedJson(body),
  );
  app.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parsedText(body),
  );
  app.setValidatorCompiler(({ schema, httpPart }) => validator(schema as TSchema, httpPart ?? 'body'));
  app.setSerializerCompiler(() => JSON.stringify); // replies are text already
  app.setErrorHandler((error, _request, reply) => send(reply, answerError(error)));
  return app;
}

/** Sends a reply. */
export function send(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  reply.code(status);
  for (const [name, value] of Object.entries(headers)) {
    reply.header(name, typeof value === 'string' ? value : [...value]);
  }
  if (body === undefined) return reply.send();
  if (headers['Content-Type'] === undefined) reply.header('Content-Type', 'application/json');
  return reply.send(typeof body === 'string' ? body : `${JSON.stringify(body, null, 2)}\n`);
}

/** The problem that an error of Fastify itself stands for; null: it is none of its. */
export function problemOfFastify(error: unknown): Reply | null {
  if (error instanceof Refusal) return error.reply;
  const { code, statusCode = 500 } = error as { code?: string; statusCode?: number };
  const known = FASTIFY_PROBLEMS[code ?? ''];
  if (known !== undefined) return problem(known);
  // The client went away while it was sending: nobody hears the answer, and it is no fault of ours.
  if (code === 'ECONNRESET' && statusCode === 400) return problem('BAD_REQUEST');
  return code?.startsWith('FST_') === true && statusCode < 500 ? problem('BAD_REQUEST') : null;
}

const FASTIFY_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_MALFORMED',
};

function parsedJson(body: Buffer): unknown {
  const read = readJson(body);
  if (!read.ok) throw new Refusal(problem('BODY_MALFORMED', { detail: read.message }));
  return read.value;
}

function parsedText(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal(problem('BODY_MALFORMED', { detail: 'it is not UTF-8' }));
  }
}

/** Each name once, so that nobody can mean another value than we read; more than one value becomes a list, which no schema has. */
function querystringParser(text: string): Record<string, unknown> {
  const read: Record<string, unknown> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    read[name] = name in read ? [read[name], value] : value;
  }
  return read;
}

type Validated = { readonly value: unknown } | { readonly error: Error };

function validator(schema: TSchema, part: string): (value: unknown) => Validated {
  const check = checker(schema);
  const read = part === 'body' ? (value: unknown) => value : coercer(schema);
  const named = part === 'body' ? (fault: Fault) => fault : parameterFault(part);
  return (sent) => {
    const value = read(sent);
    const faults = check(value);
    if (faults.length === 0) return { value };
    return { error: new Refusal(problem('INVALID', { errors: faults.map(named) })) };
  };
}

/** Parameters are text in a URL: those that are numbers or flags by their schema are read as such. */
function coercer(schema: TSchema): (sent: unknown) => unknown {
  const types = new Map(
    Object.entries(membersOf(schema)).map(([name, member]) => [name, 'type' in member ? member.type : '']),
  );
  return (sent) =>
    Object.fromEntries(
      Object.entries(sent as Record<string, unknown>).map(([name, value]) => [
        name,
        coerced(types.get(name), value),
      ]),
    );
}

function coerced(type: unknown, value: unknown): unknown {
  if (type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** `query limit` instead of a pointer, because there is nothing to point into. */
function parameterFault(part: string): (fault: Fault) => Fault {
  const place = part === 'querystring' ? 'query' : 'path';
  return ({ message, pointer }) => {
    const [, name = ''] = pointer.split('/');
    return { message: `${name}: ${message}`, pointer: `${place}/${name}` };
  };
}
