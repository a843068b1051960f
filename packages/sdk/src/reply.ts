import type { Body, Fields } from './exchange.ts';

/** What `next` gives: the reply of the service, of the cache, of another stage. Change it and return it. */
export interface Reply {
  status: number;
  readonly headers: Fields;
  readonly body: Body;
  /** Code of the error that the gateway answers with, or `''` for a reply of a service. */
  readonly code: string;
}

/** A reply that a plugin made. */
export interface MadeReply {
  readonly [MADE]: 'reply';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
}

/** A problem (RFC 9457) that a plugin has found. */
export interface MadeProblem {
  readonly [MADE]: 'problem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** A refusal for one of the reasons that the gateway has itself. */
export interface MadeRefusal {
  readonly [MADE]: 'refusal';
  readonly code: RefusalCode;
  readonly detail: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** What a plugin makes in place of a reply from inside. */
export type Made = MadeReply | MadeProblem | MadeRefusal;

/** What a plugin returns: what it got from `next`, or something of its own. */
export type Answer = Reply | Made;

/** Why a plugin may refuse in the words of the gateway; the statuses are those of docs/reference/errors.md. */
export const REFUSALS = [
  'INVALID_REQUEST',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NO_ROUTE',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RATE_LIMITED',
  'OVERLOADED',
] as const;

/** One of {@link REFUSALS}. */
export type RefusalCode = (typeof REFUSALS)[number];

/** Header fields of something that a plugin makes; several values make several fields. */
export type MadeFields = Readonly<Record<string, string | readonly string[]>>;

/** Registered, because the gateway and a plugin may have loaded this file apart. */
const MADE: unique symbol = Symbol.for('turnpike.made') as never;

/** A reply of the plugin's own. A text is sent as UTF-8; its media type is for `headers` to say. */
export function respond(reply: {
  readonly status?: number;
  readonly headers?: MadeFields;
  readonly body?: MadeReply['body'];
}): MadeReply {
  const { status = 200, headers = {}, body = null } = reply;
  return { [MADE]: 'reply', status, headers, body };
}

/**
 * A problem document (RFC 9457), or for callers of gRPC and Connect what they have for it. `code` is for programs, in capital
 * letters; `detail` is for people, and goes to the client as it is.
 */
export function problem(
  status: number,
  code: string,
  detail: string | { readonly detail: string; readonly headers: MadeFields } = '',
): MadeProblem {
  const particulars = typeof detail === 'string' ? { detail, headers: {} } : detail;
  return { [MADE]: 'problem', status, code, ...particulars };
}

/** Refuses as a stage of the gateway would: the same status, the same document. */
export function refuse(
  code: RefusalCode,
  detail: string | { readonly detail: string; readonly headers: MadeFields } = '',
): MadeRefusal {
  const particulars = typeof detail === 'string' ? { detail, headers: {} } : detail;
  return { [MADE]: 'refusal', code, ...particulars };
}

/** What a value is that one of the three above made; null for all others. */
export function isMade(value: unknown): value is Made {
  return typeof value === 'object' && value !== null && MADE in value;
}

/** Which of the three made it. */
export function kindOf(made: Made): Made[typeof MADE] {
  return made[MADE];
}
