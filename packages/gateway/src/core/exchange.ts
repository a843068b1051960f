import type { GrpcCondition } from '@turnpike/config';
import type { Body, BodyOutlet } from './body.ts';
import type { ErrorCode } from './errors.ts';
import type { Headers } from './headers.ts';
import type { Identity } from './identity.ts';
import type { Standing } from './standing.ts';
import type { StreamEnd } from './stream-end.ts';
import type { Trace } from './trace.ts';

/** The computed address of the caller: the peer, or what trusted proxies say of it (RFC 7239). */
export interface ClientAddress {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly port: number;
}

/** What is worked out once for the exchanges of one connection. Whoever keeps something here names what it depends on. */
export interface ConnectionMemo {
  /** The forwarding fields that a service gets, for requests to this authority. */
  forwarding: { authority: string; readonly text: string } | null;
  /** The part of a line of the access log that says who called. */
  logged: {
    /** Of the line: two logs of different forms may take turns. */
    readonly form: string;
    readonly host: string;
    userAgent: string;
    readonly address: string;
    readonly text: string;
  } | null;
}

/** What one exchange needs to know of the listener on which it came. */
export interface Arrival {
  readonly listener: string;
  readonly scheme: 'http' | 'https';
  /** Port of the listener, for `X-Forwarded-Port`. */
  readonly port: number;
  /** Largest request body in bytes, unless the route says otherwise. */
  readonly bodyBytes: number;
  /** Whether `Client-Cert` of a trusted proxy is believed (RFC 9440). */
  readonly forwardedClientCert: boolean;
  /** Whether services are told the certificate of the client (RFC 9440). */
  readonly forwardsClientCert: boolean;
}

/**
 * Why an endpoint was chosen: by the rule of its service, because the caller is bound to it (`sticky`), because the one that
 * it is bound to could not be used (`moved`), or although health speaks against it (`panic`).
 */
export type PickReason =
  | 'adaptive'
  | 'round-robin'
  | 'least-request'
  | 'random'
  | 'hash'
  | 'sticky'
  | 'moved'
  | 'panic';

/** Why another attempt was made beside or after the first. */
export type AttemptCause = 'unsent' | 'stale' | 'retry' | 'hedge';

/** An attempt that did not give the answer. */
export interface LostAttempt {
  /** `host:port`. */
  readonly endpoint: string;
  readonly picked: PickReason;
  /** What became of it: an error, the status that was not good enough, maybe of gRPC, or nothing, because the other one was faster. */
  readonly outcome: ErrorCode | number | GrpcCondition | 'abandoned';
  readonly durationMs: number;
  /** Why the next one was made, or the one beside it. */
  readonly next: AttemptCause;
}

/** Attempts that are written down; those beyond are only counted. */
export const MOST_LOST = 16;

/**
 * What spoke against another attempt where there was reason for one: all were made, the method or the body cannot be
 * repeated, a layer before us repeats already, the service asked for too long a pause, or there was no time or budget.
 */
export type RetryObstacle = 'attempts' | 'method' | 'body' | 'layer' | 'pause' | 'deadline' | 'budget';

/** Which of two attempts at once gave the answer: the second, the first, or none; or there was no budget for a second. */
export type HedgeOutcome = 'won' | 'lost' | 'failed' | 'refused';

/** What caches do, for metrics. */
export const CACHE_RESULTS = ['hit', 'stale', 'revalidated', 'miss', 'coalesced', 'pass'] as const;

/**
 * What a cache did with a request: gave what it had, fresh or stale; asked whether that is the same; asked for it; waited for the answer that
 * somebody else got; or had nothing to do with it.
 */
export type CacheResult = (typeof CACHE_RESULTS)[number];

/** What is learned while an exchange is served; the access log and the metrics read it at the end. */
export interface ExchangeRecord {
  /** Name of the route, or `''` when none matched. */
  route: string;
  service: string;
  /** `host:port` of the last endpoint that was tried. */
  endpoint: string;
  /** Why it was chosen, or `''`. */
  picked: PickReason | '';
  attempts: number;
  /** Attempts before and beside the last; null as long as there are none. */
  lost: LostAttempt[] | null;
  /** Why what failed was not tried again, or `''`. */
  unretried: RetryObstacle | '';
  /** What came of a second attempt at once, or `''`. */
  hedge: HedgeOutcome | '';
  status: number;
  /** Code of the error that Turnpike answered with, or `''`. */
  code: ErrorCode | '';
  /** What somebody else answered in place of, or null. */
  fallbackFor: ErrorCode | number | null;
  /** Bytes of the bodies, without framing. */
  requestBytes: number;
  responseBytes: number;
  /** Milliseconds from the start of the last attempt to the head of its response; -1 without one. */
  upstreamMs: number;
  /** Milliseconds until the reply began, if a service was asked; -1 without. */
  repliedMs: number;
  /** Whether the last attempt went over a connection that had served before. */
  reused: boolean;
  /** What was asked for where the path does not say it: the tool of MCP; or `''`. */
  operation: string;
  /** How a gRPC call ended at the service (grpc/doc/statuscodes.md); -1 as long as nobody knows, and for all others. */
  grpcStatus: number;
  /** Why a WebSocket or a stream of events ended, or `''`. */
  closed: StreamEnd | '';
  /** Of a WebSocket: the code that the client was told, or said itself (RFC 6455 §7.4); 0 without one. */
  closeCode: number;
  /** What the cache of its route did, or `''`. */
  cache: CacheResult | '';
}

/** What a request asks a GraphQL service for: of a batch, the first, with the cost of all. */
export interface Operation {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** As the client calls it, or `''`. */
  readonly name: string;
  readonly cost: number;
  readonly depth: number;
}

/** Who works on an exchange, and stops when it is cancelled. */
export interface CancelListener {
  cancelled(code: ErrorCode): void;
}

/** The trace of a request that somebody can look up, and the span of the gateway in it, as hexadecimal digits. */
export interface FoundTrace {
  readonly traceId: string;
  readonly spanId: string;
  /** When the request ended, in milliseconds since 1970. */
  readonly epochMs: number;
}

/** A refusal as the log tells it. */
export interface ToldRefusal {
  readonly code: ErrorCode;
  /** Which policy refused, or `''`. */
  readonly rule: string;
  /** What the client was told of it, or `''`. */
  readonly detail: string;
  /** What broke, where that and no rule is the reason. No client hears of it. */
  readonly error?: unknown;
}

/** Who counts an exchange when it is over. */
export interface Tally {
  record(record: ExchangeRecord, durationMs: number, trace: FoundTrace | null): void;
}

/**
 * One request and its reply, from the head of the request to the last byte of the answer.
 *
 * A class with every field set at once, so that all exchanges have one shape.
 */
export class Exchange {
  readonly id: string;
  readonly method: string;
  /** Host and port as the client wrote them. */
  readonly authority: string;
  /** Lower-case host without the port. */
  readonly host: string;
  /** The one normalised path that matching, policies and forwarding use. */
  readonly path: string;
  /** With its leading `?`, or `''`. */
  readonly query: string;
  readonly version: '1.0' | '1.1' | '2';
  headers: Headers;
  body: Body;
  readonly client: ClientAddress;
  /** Address of the other end of the connection; differs from `client` behind trusted proxies. */
  readonly peer: ClientAddress;
  readonly fromTrustedProxy: boolean;
  /** With which the client proved itself in its TLS handshake with us (DER, verified), or null. */
  readonly clientCertificate: Uint8Array | null;
  readonly arrival: Arrival;
  readonly memo: ConnectionMemo;
  /** Values of the route's path parameters from left to right, still percent-encoded. */
  params: readonly string[] = NO_PARAMS;
  /** The method that the service gets; differs from `method` where it speaks another protocol. */
  targetMethod: string;
  /** The path that the service gets; differs from `path` after a rewrite. */
  targetPath: string;
  /** The query that the next one gets; differs from `query` when there was a credential in it. */
  targetQuery: string;
  /** The `Host` that the service gets; `''` is the endpoint's own. */
  targetAuthority: string;
  /** Protocol of an `Upgrade` that the client asked for, lower-case, or `''`. */
  readonly upgrade: string;
  /** Milliseconds on the monotonic clock when the head had arrived. */
  readonly startedAtMs: number;
  readonly record: ExchangeRecord;
  /** Who is calling; null as long as nobody has asked, and for callers without credentials. */
  identity: Identity | null = null;
  /** What it asks a GraphQL service for; null as long as nobody has looked, and for all others. */
  operation: Operation | null = null;
  /** The limits that it was counted for, in their order. */
  standings: readonly Standing[] = NO_STANDINGS;
  /** What we refused it with, for the log; null: we did not. The last one counts. */
  refusal: ToldRefusal | null = null;
  /** What is answered; null until the connection has it. */
  reply: Reply | null = null;
  /** Cookies of ours in the reply, which bind this caller to an endpoint or a side: they are for nobody else. */
  ownCookies: readonly string[] = NO_COOKIES;
  /** When nobody waits any more, in milliseconds on the monotonic clock. */
  deadlineAtMs = Number.POSITIVE_INFINITY;
  /** Whether the caller chose that, and the route would have waited longer: it says nothing of the service. */
  isCallersDeadline = false;
  /** What plugins keep for one another, by the names of its keys; null as long as that is nothing. */
  values: Map<string, unknown> | null = null;
  /** Set once the exchange has a route. */
  tally: Tally | null = null;
  /** Set when routes are looked for, where traces are configured. */
  trace: Trace | null = null;

  #cancelled: ErrorCode | null = null;
  #onCancel: CancelListener | null = null;
  #onEnd: Listeners = null;
  #onReplyEnd: Listeners = null;
  #onDrain: (() => void) | null = null;
  /** Sends an interim response (1xx), if the client's protocol has them. */
  readonly inform: (status: number, headers: Headers) => void;

  constructor(fields: ExchangeFields) {
    this.id = fields.id;
    this.method = fields.method;
    this.authority = fields.authority;
    this.host = fields.host;
    this.path = fields.path;
    this.query = fields.query;
    this.version = fields.version;
    this.headers = fields.headers;
    this.body = fields.body;
    this.client = fields.client;
    this.peer = fields.peer;
    this.fromTrustedProxy = fields.fromTrustedProxy;
    this.clientCertificate = fields.clientCertificate;
    this.arrival = fields.arrival;
    this.memo = fields.memo;
    this.targetMethod = fields.method;
    this.targetPath = fields.path;
    this.targetQuery = fields.query;
    this.targetAuthority = fields.authority;
    this.upgrade = fields.upgrade;
    this.startedAtMs = fields.startedAtMs;
    this.inform = fields.inform;
    this.record = {
      route: '',
      service: '',
      endpoint: '',
      picked: '',
      attempts: 0,
      lost: null,
      unretried: '',
      hedge: '',
      status: 0,
      code: '',
      fallbackFor: null,
      requestBytes: 0,
      responseBytes: 0,
      upstreamMs: -1,
      repliedMs: -1,
      reused: false,
      operation: '',
      grpcStatus: -1,
      closed: '',
      closeCode: 0,
      cache: '',
    };
  }

  /** Why nobody waits for the reply any more, or null. */
  get cancelled(): ErrorCode | null {
    return this.#cancelled;
  }

  /** Ends the work on this exchange; the one who works on it now hears it at once. Later calls do nothing. */
  cancel(code: ErrorCode): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = code;
    this.#onCancel?.cancelled(code);
  }

  /** Adds who hears when the last byte of the reply is written, or the exchange has failed. */
  whenEnded(listener: () => void): void {
    this.#onEnd = withAnother(this.#onEnd, listener);
  }

  /** Adds who hears when the reply that is being given is over: with the exchange, or because somebody else gives another. */
  whenReplyEnded(listener: () => void): void {
    this.#onReplyEnd = withAnother(this.#onReplyEnd, listener);
  }

  /** This reply is not for the client. Those inside who hold something for it let go now: another may take very long. */
  dropReply({ body }: Reply): void {
    if (typeof body === 'object') body?.cancel();
    this.#endReply();
  }

  /** The exchange is over. Called once, by the connection on which it came. */
  end(): void {
    this.#endReply();
    call(this.#onEnd);
  }

  #endReply(): void {
    const listeners = this.#onReplyEnd;
    this.#onReplyEnd = null;
    call(listeners);
  }

  /** Puts a cookie of ours into the reply for this caller. */
  bind({ headers }: Reply, cookie: string): void {
    headers.append('Set-Cookie', cookie);
    this.ownCookies = [...this.ownCookies, cookie];
  }

  /** Sets who hears that the gateway or the connection is about to end: one who holds it for long says goodbye and lets go. */
  whenDraining(listener: () => void): void {
    this.#onDrain = listener;
  }

  /** It should be over soon. Called by the connection on which it came, any number of times. */
  drain(): void {
    const listener = this.#onDrain;
    this.#onDrain = null;
    listener?.();
  }

  /** Sets who hears of a cancellation; one at a time, the innermost that waits. */
  whenCancelled(listener: CancelListener | null): void {
    this.#onCancel = listener;
  }
}

/** What an exchange begins with. */
export type ExchangeFields = Pick<
  Exchange,
  | 'id'
  | 'method'
  | 'authority'
  | 'host'
  | 'path'
  | 'query'
  | 'version'
  | 'headers'
  | 'body'
  | 'client'
  | 'peer'
  | 'fromTrustedProxy'
  | 'clientCertificate'
  | 'arrival'
  | 'memo'
  | 'upgrade'
  | 'startedAtMs'
  | 'inform'
>;

/** The answer to an exchange. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  /** Set when Turnpike made the reply because of an error. */
  readonly code: ErrorCode | '';
  /** Of a refusal for a caller of gRPC: what one of HTTP gets, where that is not as in the table of errors. */
  readonly httpStatus?: number;
  /** Set on 101: where the bytes of the client go from then on; `body` is what comes back. */
  readonly tunnel: BodyOutlet | null;
}

/** A gateway is a function from exchange to reply. */
export type Handler = (exchange: Exchange) => Promise<Reply>;

/** A stage: a function around the next one. */
export type Wrapper = (next: Handler) => Handler;

/** Who hears of something. Most exchanges have one at most, which needs no list. */
type Listeners = (() => void) | (() => void)[] | null;

function withAnother(listeners: Listeners, another: () => void): Listeners {
  if (listeners === null) return another;
  if (typeof listeners === 'function') return [listeners, another];
  listeners.push(another);
  return listeners;
}

function call(listeners: Listeners): void {
  if (listeners === null) return;
  if (typeof listeners === 'function') listeners();
  else for (const listener of listeners) listener();
}

const NO_PARAMS: readonly string[] = Object.freeze([]);
const NO_COOKIES: readonly string[] = [];
const NO_STANDINGS: readonly Standing[] = Object.freeze([]);
