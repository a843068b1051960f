import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../domain/callers.ts';
import { CheckUnavailable } from '../domain/plan.ts';
import { BadCursor, NoDatabase, StoreUnavailable } from '../domain/store.ts';
import { auditLog } from './audit-log.ts';
import { changer } from './change.ts';
import { serveDocuments } from './documents.ts';
import { createFastify, problemOfFastify, send } from './fastify.ts';
import type { Kit } from './kit.ts';
import { openApiDocument } from './openapi.ts';
import { operations } from './operations.ts';
import type { ApiPorts } from './ports.ts';
import { problem, type Reply } from './problems.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { type Desk, serveOperation } from './serve-operation.ts';
import { showing } from './show.ts';
import { serveStaticFiles } from './static-files.ts';
import { answerUnrouted } from './unrouted.ts';
import { writeLimit } from './write-limit.ts';

/** The admin API of the control plane. */
export interface AdminApi {
  /** Answers a request; the response is its own from then on. */
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller | null): void;
  close(): Promise<void>;
}

const WRITES = { perSecond: 50, burst: 500 };

/** Puts the admin API together. It listens nowhere: whoever has the listener hands requests over, with who sent them. */
export async function adminApi(ports: ApiPorts): Promise<AdminApi> {
  const callers = new WeakMap<IncomingMessage, Caller | null>();
  const audit = auditLog(ports);
  const kit: Kit = { ports, audit, changer: changer(ports), show: showing(ports) };
  const all = operations(kit);
  const { perSecond, burst } = ports.writes ?? WRITES;
  const callerOf = (request: IncomingMessage): Caller | null => callers.get(request) ?? null;
  const desk: Desk = { ports, audit, limit: writeLimit(perSecond, burst), callerOf };

  const app = createFastify((error) => replyTo(error, ports));
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS);
  });
  for (const operation of all) serveOperation(app, operation, desk);
  await serveDocuments(app, openApiDocument(all, ports));
  const dashboard = await serveStaticFiles(app, ports.dashboard);
  app.setNotFoundHandler(async (request, reply) => {
    const page = dashboard(request, reply);
    if (page !== null) return page;
    return send(reply, answerUnrouted(all, request.method, request.url));
  });
  await app.ready();

  return {
    handle(request, response, caller) {
      callers.set(request, caller);
      app.routing(request, response);
    },
    close: () => app.close(),
  };
}

/** What is answered when something was thrown. */
function replyTo(error: unknown, { log }: Pick<ApiPorts, 'log'>): Reply {
  const known = problemOfFastify(error);
  if (known !== null) return known;
  if (error instanceof BadCursor)
    return problem('INVALID', { errors: [{ message: error.message, pointer: 'query/after' }] });
  if (error instanceof NoDatabase) return problem('NO_DATABASE');
  if (error instanceof CheckUnavailable)
    return problem('CHECK_UNAVAILABLE', { detail: error.message }, { 'Retry-After': '2' });
  if (error instanceof StoreUnavailable) {
    log.warn('the database cannot be reached', { error });
    return problem('STORE_UNAVAILABLE', { detail: error.message }, { 'Retry-After': '2' });
  }
  log.error('an admin request failed', { error });
  return problem('INTERNAL');
}
