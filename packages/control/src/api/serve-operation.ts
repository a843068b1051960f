import type { IncomingMessage } from 'node:http';
import type { Caller } from '../domain/callers.ts';
import { DEFAULT_WORKSPACE } from '../domain/objects.ts';
import { anywhere, everywhere, mayAnywhere, mayIn, NOBODY } from './access.ts';
import type { Audit } from './audit-log.ts';
import { type FastifyInstance, type FastifyRequest, Refusal, send } from './fastify.ts';
import { type Call, isWrite, type Operation, type Place } from './operation.ts';
import type { ApiPorts } from './ports.ts';
import { problem, type Reply } from './problems.ts';
import type { WriteLimit } from './write-limit.ts';

/** What all operations share. */
export interface Desk {
  readonly ports: ApiPorts;
  readonly audit: Audit;
  readonly limit: WriteLimit;
  /** Whoever sent a request; null: they have not said. */
  readonly callerOf: (request: IncomingMessage) => Caller | null;
}

/**
 * Makes an operation a route. Who may call it is decided here for all of them, in two steps: before the body is read, who has its
 * role nowhere is turned away; and when it is known which workspace a call is about, who has it not there.
 */
export function serveOperation(app: FastifyInstance, operation: Operation, desk: Desk): void {
  const { method, path, parameters, query, body } = operation;
  app.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    ...(operation.maxBodyBytes !== undefined && { bodyLimit: operation.maxBodyBytes }),
    schema: {
      ...(parameters && { params: parameters }),
      ...(query && { querystring: query }),
      ...(body && { body: bodySchema(operation) }),
    },
    config: { operation },
    onRequest: async (request) => admit(operation, request, desk),
    preValidation: async (request) => {
      if (operation.bodyMayLack === true) request.body ??= {};
    },
    preHandler: async (request) => allow(operation, callOf(request, desk), desk),
    handler: async (request, reply) => send(reply, await operation.handle(callOf(request, desk))),
  });
}

/** Bodies in other notations than JSON come as text, which no schema can check. */
function bodySchema({ body, bodyTypes = [] }: Operation): unknown {
  if (bodyTypes.length === 0) return body;
  const others = bodyTypes.map((type) => [type, { schema: { type: 'string' } }]);
  return { content: { 'application/json': { schema: body }, ...Object.fromEntries(others) } };
}

async function admit(operation: Operation, request: FastifyRequest, desk: Desk): Promise<void> {
  const { access, body, bodyTypes = [] } = operation;
  const caller = desk.callerOf(request.raw);
  if (access.role !== null && caller === null) throw new Refusal(problem('UNAUTHORIZED', {}, CHALLENGE));
  if (isWrite(operation)) {
    if (caller?.via === 'session' && !desk.ports.sessions.mayChange(request.raw))
      throw new Refusal(problem('CSRF'));
    const seconds = waitOf(caller, request, desk);
    if (seconds > 0) throw new Refusal(problem('TOO_MANY_WRITES', {}, { 'Retry-After': String(seconds) }));
  }
  if (access.role !== null && !mayAnywhere(caller ?? NOBODY, access.role))
    return refuse({ operation, place: leastPlace(operation) }, callOf(request, desk), desk);
  const types = ['application/json', ...bodyTypes];
  const type = typeOf(request);
  const isTaken = type === '' || types.includes(type);
  if (body === undefined || (isTaken && isPlain(request))) return;
  throw new Refusal(problem('UNSUPPORTED_TYPE', { detail: `send ${types.join(', ')}, not compressed` }));
}

async function allow(operation: Operation, call: Call<unknown, unknown, unknown>, desk: Desk): Promise<void> {
  const { access } = operation;
  if (access.role === null) return;
  const place = await access.place(call);
  if (!mayIn(call.caller, access.role, place)) await refuse({ operation, place }, call, desk);
}

/** Refusals are written down, so those of reads count like changes: nobody can fill the audit log with them. */
async function refuse(
  { operation, place }: { readonly operation: Operation; readonly place: Place },
  call: Call<unknown, unknown, unknown>,
  desk: Desk,
): Promise<void> {
  const { access, id, method } = operation;
  const role = access.role ?? 'viewer';
  const isTold = isWrite(operation) || waitOf(call.caller, call, desk) === 0;
  const target = `${method} ${call.raw.url?.split('?')[0]?.slice(0, 300) ?? ''}`;
  if (isTold) await desk.audit.refused(call, { target, detail: `${id} needs ${role}` });
  const scope = `Bearer realm="turnpike admin", error="insufficient_scope", scope="${role}"`;
  const detail = `it needs the role ${role} ${placeText(place, call)}`;
  throw new Refusal(problem('FORBIDDEN_ROLE', { needed: role, detail }, { 'WWW-Authenticate': scope }));
}

/** Where a role is needed at least, whatever the request is about. */
function leastPlace({ access }: Operation): Place {
  return access.role !== null && access.within === 'everywhere' ? everywhere() : anywhere();
}

/** Where a role is needed. In which workspace an object is, is told to nobody who may not see it. */
function placeText(place: Place, { query }: Call<unknown, unknown, unknown>): string {
  if (place.kind === 'any') return 'in some workspace';
  if (place.kind === 'everywhere') return 'in all workspaces';
  const { workspace = DEFAULT_WORKSPACE } = query as { readonly workspace?: string };
  return workspace === place.name ? `in the workspace ${workspace}` : 'in its workspace';
}

/** Takes one of the changes that a caller may make; gives after how many seconds there is one again, 0 if it was had. */
function waitOf(
  caller: Caller | null,
  { raw }: { readonly raw: IncomingMessage },
  { limit, ports }: Desk,
): number {
  const name = caller === null ? `address ${raw.socket.remoteAddress ?? ''}` : `${caller.via} ${caller.name}`;
  return limit(name, ports.clock.epoch());
}

function callOf(request: FastifyRequest, desk: Desk): Call<unknown, unknown, unknown> {
  const { raw, params, query, body, headers } = request;
  return {
    path: params,
    query,
    body,
    contentType: typeOf(request),
    header: (name) => (headers[name] === undefined ? undefined : [headers[name]].flat().join(', ')),
    caller: desk.callerOf(raw) ?? NOBODY,
    address: raw.socket.remoteAddress ?? '',
    raw,
  };
}

/** Nobody unpacks a body here: it would be bounded only after that. */
function isPlain({ headers }: FastifyRequest): boolean {
  const coding = headers['content-encoding'];
  return coding === undefined || coding === 'identity';
}

function typeOf({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

const CHALLENGE: Reply['headers'] = { 'WWW-Authenticate': 'Bearer realm="turnpike admin"' };
