import type { IncomingMessage } from 'node:http';
import type { Caller, Role } from '../domain/callers.ts';
import type { Kind } from '../domain/objects.ts';
import type { ProblemCode, Reply } from './problems.ts';
import { shape, type Static, type TSchema } from './schema.ts';

/** Where a role is needed for a call. */
export type Place =
  /** In all workspaces and outside of them. */
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'workspace'; readonly name: string }
  /** In some workspace; the answer has only what is in those of the caller. */
  | { readonly kind: 'any' };

/** Who may use an operation. */
export type Access<P, Q, B> =
  /** Whoever can reach the listener. */
  | { readonly role: null }
  | {
      readonly role: Role;
      /** For people and for the matrix of tests: what `place` gives. */
      readonly within: 'everywhere' | 'workspace' | 'any';
      readonly place: (call: Call<P, Q, B>) => Promise<Place> | Place;
    };

/** A request that has the form that its operation asks for. */
export interface Call<P, Q, B> {
  readonly path: P;
  readonly query: Q;
  readonly body: B;
  readonly contentType: string;
  readonly header: (name: string) => string | undefined;
  /** Whoever calls; operations for all have one that may nothing. */
  readonly caller: Caller;
  /** Address of the caller. */
  readonly address: string;
  readonly raw: IncomingMessage;
}

/** What an operation answers when it works. */
export interface Success {
  readonly description: string;
  /** null: no body. */
  readonly body: TSchema | null;
  /** Other content types than JSON that it may have. */
  readonly types?: readonly string[];
  /** Names of header fields, and what they say. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation, as it is written down. */
export interface OperationSpec<P extends TSchema, Q extends TSchema, B extends TSchema> {
  /** Unique, in camelCase. */
  readonly id: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** With parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access<Static<P>, Static<Q>, Static<B>>;
  readonly parameters?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Beside `application/json`; their bodies come as text. */
  readonly bodyTypes?: readonly string[];
  /** The body is an object of this kind, for the document: the rules of the domain judge it. */
  readonly bodyKind?: Kind;
  readonly bodyMayLack?: boolean;
  readonly maxBodyBytes?: number;
  /** Names of header fields that it looks at, and what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Success>>;
  /** Beside those that every operation may have. */
  readonly problems: readonly ProblemCode[];
  /** It changes nothing although its method says so: it is not counted as a write. */
  readonly isRead?: boolean;
  readonly handle: (call: Call<Static<P>, Static<Q>, Static<B>>) => Promise<Reply>;
}

/** An operation among others. */
export type Operation = OperationSpec<TSchema, TSchema, TSchema>;

/** Checks an operation against its own schemas, and puts it among the others. */
export function operation<
  P extends TSchema = typeof NOTHING,
  Q extends TSchema = typeof NOTHING,
  B extends TSchema = typeof NOTHING,
>(spec: OperationSpec<P, Q, B>): Operation {
  // Safe because the schemas travel with it: a call is checked against them before `handle` sees it.
  return spec;
}

/** No parameters. */
export const NOTHING = shape('', {});

/** Whether an operation changes something. */
export function isWrite({ method, isRead = false }: Operation): boolean {
  return method !== 'GET' && !isRead;
}

/** What every operation may answer with. */
export function problemsOf(operation: Operation): readonly ProblemCode[] {
  const { access, problems, parameters, query, body } = operation;
  const known = access.role === null ? [] : (['UNAUTHORIZED', 'FORBIDDEN_ROLE'] as const);
  const written = isWrite(operation) ? (['CSRF', 'TOO_MANY_WRITES'] as const) : [];
  const kept = isWrite(operation) && access.role !== null ? (['NO_DATABASE'] as const) : [];
  const sent = body === undefined ? [] : (['BODY_MALFORMED', 'BODY_TOO_LARGE', 'UNSUPPORTED_TYPE'] as const);
  const formed = [parameters, query, body].some((one) => one !== undefined) ? (['INVALID'] as const) : [];
  const named = parameters === undefined ? [] : (['BAD_REQUEST'] as const);
  const all = ['STORE_UNAVAILABLE', 'INTERNAL', ...named] as const;
  return [...new Set<ProblemCode>([...all, ...known, ...written, ...kept, ...sent, ...formed, ...problems])];
}
