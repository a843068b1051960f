import type { ServerResponse } from 'node:http';

/** What the admin API answers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Everything that the admin API refuses or fails at, with status and title. The code in kebab-case ends the `type`. */
const PROBLEMS = {
  BAD_REQUEST: [400, 'The request is not well-formed'],
  BODY_MALFORMED: [400, 'The request body is not JSON'],
  UNAUTHORIZED: [401, 'A valid token is needed'],
  FORBIDDEN_ROLE: [403, 'The role of this token does not allow that'],
  FOREIGN_HOST: [403, 'The Host field is not of this machine'],
  FOREIGN_ORIGIN: [403, 'Pages of other origins may not do this'],
  NOT_FROM_OUR_PAGE: [403, 'Changes in a session need the field X-CSRF-Token with what /v1/me says'],
  NOT_FOUND: [404, 'There is nothing here'],
  UNKNOWN_INSTANCE: [404, 'This instance is not registered'],
  METHOD_NOT_ALLOWED: [405, 'This method cannot be used here'],
  CONFIG_HIDDEN: [409, 'The last known good is not shown, because it is not known which of it is secret'],
  BUSY: [409, 'Another restart is under way'],
  BODY_TOO_LARGE: [413, 'The request body is too large'],
  CACHE_REQUEST_REJECTED: [422, 'That is no request that the cache can follow'],
  LIMIT_REQUEST_REJECTED: [422, 'That names no key of this limit'],
  BAD_LEVEL: [422, 'There is no such level of the program log'],
  BAD_COMPONENT: [422, 'There is no such component of the program'],
  SILENCE_REJECTED: [422, 'That silences no alert'],
  TAP_REJECTED: [422, 'That cannot be watched'],
  INSTANCE_REJECTED: [422, 'The instance has errors and was not registered'],
  CONFIG_REJECTED: [422, 'The configuration has errors; the old one stays in use'],
  APPLY_FAILED: [500, 'The configuration could not be applied; the old one stays in use'],
  INTERNAL: [500, 'The admin API failed to handle the request'],
  TOO_MANY_FAILURES: [429, 'Too many wrong credentials came from this address'],
  SILENCES_FULL: [507, 'There is no room for another silence; end one'],
  REGISTRY_FULL: [507, 'There is no room for another instance'],
  CACHE_STORE_UNAVAILABLE: [503, 'It is purged here; other gateways hear of it when Redis answers again'],
  LIMIT_STORE_UNAVAILABLE: [503, 'Redis does not answer, so the key may not have started afresh'],
  TOO_MANY_WATCHERS: [503, 'Enough people watch already'],
  SILENCE_STORE_UNAVAILABLE: [
    503,
    'Where silences are kept cannot be reached, or is being written; nothing has changed',
  ],
  STOPPING: [503, 'The gateway is shutting down'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** Code of a problem of the admin API. */
export type AdminProblem = keyof typeof PROBLEMS;

/** Plain text. */
export function text(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body, headers: {} };
}

/** Nothing to say but that it was done. */
export function done(): Answer {
  return { status: 204, contentType: '', body: '', headers: {} };
}

/** JSON, indented: people read it too. */
export function json(status: number, value: unknown): Answer {
  return {
    status,
    contentType: 'application/json',
    body: `${JSON.stringify(value, null, 2)}\n`,
    headers: {},
  };
}

/** An RFC 9457 problem; `details` become members of it. The only writer of error bodies here. */
export function adminProblem(
  code: AdminProblem,
  details: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const [status, title] = PROBLEMS[code];
  const type = `https://turnpike.dev/problems/admin/${code.toLowerCase().replaceAll('_', '-')}`;
  const body = `${JSON.stringify({ type, title, status, code, ...details }, null, 2)}\n`;
  return { status, contentType: 'application/problem+json', body, headers };
}

/** Sends an answer, unless the client is gone or was answered. */
export function send(response: ServerResponse, { status, contentType, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  // RFC 9110 §8.6: a 204 has no length, and no type of what it does not have.
  const about = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, {
    ...(status !== 204 && about),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
