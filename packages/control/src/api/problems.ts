import type { Issue } from '@turnpike/config';
import type { Fault } from './schema.ts';

/** Everything that the admin API of the control plane refuses or fails at, with status and title. */
export const PROBLEMS = {
  BAD_REQUEST: [400, 'The request is not well-formed'],
  BODY_MALFORMED: [400, 'The request body is not what its Content-Type says'],
  UNAUTHORIZED: [401, 'A valid token is needed'],
  FORBIDDEN_ROLE: [403, 'Your role does not allow that'],
  CSRF: [403, 'A browser must send the token of its session with that'],
  NOT_FOUND: [404, 'There is nothing here'],
  METHOD_NOT_ALLOWED: [405, 'This method cannot be used here'],
  OWNED_BY_FILES: [409, 'The configuration files have this name, so only they can change it'],
  OTHER_WORKSPACE: [409, 'Another workspace has this name'],
  NO_DATABASE: [409, 'There is no database to keep that in; add stores.database to the configuration'],
  ROLLOUT_RUNNING: [409, 'A roll-out is under way'],
  STALE: [409, 'Others change the configuration all the time; try again'],
  IN_USE: [409, 'It is still in use'],
  ENDED: [409, 'It has ended already'],
  CONFIG_HIDDEN: [409, 'It is not shown, because it is not known which of it is secret'],
  PRECONDITION_FAILED: [412, 'It is not as you believe it to be'],
  BODY_TOO_LARGE: [413, 'The request body is too large'],
  UNSUPPORTED_TYPE: [415, 'This Content-Type or Content-Encoding is not understood here'],
  INVALID: [422, 'The request has errors'],
  CONFIG_REJECTED: [422, 'The configuration would have errors; nothing was changed'],
  TOO_MANY_WRITES: [429, 'Too many changes in a short time'],
  LOGIN_BLOCKED: [429, 'Too many failed attempts'],
  INTERNAL: [500, 'The admin API failed to handle the request'],
  LOGIN_FAILED: [502, 'The identity provider did not let you in'],
  CHECK_UNAVAILABLE: [503, 'Changes cannot be checked at the moment; try again'],
  STORE_UNAVAILABLE: [503, 'The database cannot be reached'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

/** Code of a problem of the admin API. */
export type ProblemCode = keyof typeof PROBLEMS;

/** What a problem may say beside its code. */
export interface ProblemDetails {
  readonly detail?: string;
  readonly errors?: readonly (Fault & Partial<IssueView>)[];
  readonly needed?: string;
  readonly workspace?: string;
  readonly file?: string;
  readonly line?: number;
}

/** An answer as it goes out. `body` undefined: there is none. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

/** An answer in JSON. */
export function answer(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  return { status, headers, body };
}

/** Nothing to say but that it was done. */
export function done(headers: Reply['headers'] = {}): Reply {
  return { status: 204, headers, body: undefined };
}

/** An RFC 9457 problem. The only writer of error bodies here. */
export function problem(
  code: ProblemCode,
  details: ProblemDetails = {},
  headers: Reply['headers'] = {},
): Reply {
  const [status, title] = PROBLEMS[code];
  const type = `https://turnpike.dev/problems/admin/${code.toLowerCase().replaceAll('_', '-')}`;
  const body = { type, title, status, code, ...details };
  return { status, headers: { 'Content-Type': 'application/problem+json', ...headers }, body };
}

/** So many faults are named: who has more has one that makes them all. */
const MOST_ISSUES = 1_000;

/** What callers are told of issues: only what the contract has. */
export function issueViews(issues: readonly Issue[]): IssueView[] {
  return issues.slice(0, MOST_ISSUES).map(({ message, pointer, code, severity, file, line, suggestion }) => {
    return { message, pointer, code, severity, file, line, ...(suggestion !== undefined && { suggestion }) };
  });
}

type IssueView = Fault & Pick<Issue, 'code' | 'severity' | 'file' | 'line' | 'suggestion'>;
