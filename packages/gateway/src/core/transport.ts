import type { Body, BodyOutlet } from './body.ts';
import type { GatewayError } from './errors.ts';
import type { Headers } from './headers.ts';
import type { TimingWheel } from './timing-wheel.ts';
import type { UpstreamTls } from './upstream-tls.ts';

/** One request as it goes out to an endpoint. */
export interface Call {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Whom it asks for: host, and port where it is not the usual one. */
  readonly authority: string;
  /** The fields that go along, as lines of a message. Those about framing and the connection are for the connection to add. */
  readonly fields: string;
  readonly body: Body;
  /** The protocol that it asks for in lower case, or `''`. */
  readonly upgrade: string;
  /** Whether the one who asked reads trailers (RFC 9110 §10.1.4). */
  readonly takesTrailers: boolean;
  readonly listener: CallListener;
}

/** Who hears what becomes of a call. Exactly one of `replied` and `failed` is called, once. */
export interface CallListener {
  /** An interim response (1xx) other than 100 and 101. */
  informed(status: number, headers: Headers): void;
  replied(status: number, headers: Headers, answer: Answer): void;
  failed(error: GatewayError): void;
  /** After `replied`: the body broke off, by the fault of the service. Called before its reader hears of it. */
  brokeOff(error: GatewayError): void;
}

/** What follows the head of a response. */
export interface Answer {
  readonly body: Body;
  /** On 101: where bytes for the other end go. */
  readonly tunnel: BodyOutlet | null;
  /** Lower-case names that `Connection` lists. */
  readonly connectionNames: readonly string[] | null;
}

/** A connection to an endpoint, with at most one call under way. */
export interface UpstreamConnection {
  readonly isUsable: boolean;
  /** How many calls it has taken. */
  readonly uses: number;
  /** It must be usable. */
  send(call: Call): void;
  /** Gives up on that call if it is still under way; its listener hears nothing more. */
  abandon(call: Call): void;
  destroy(): void;
}

/** Where connections of a pool go, and under which rules. */
export interface ConnectionPlace {
  /** Of the service whose endpoint that is. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** Null: no TLS. */
  readonly tls: UpstreamTls | null;
  readonly wheel: TimingWheel;
  readonly timeouts: ConnectionTimeouts;
}

/** What a connection needs of the pool that it belongs to. */
export interface ConnectionHome extends ConnectionPlace {
  /** It can take another call. */
  idle(connection: UpstreamConnection): void;
  gone(connection: UpstreamConnection): void;
}

/** Milliseconds: to connect, until the head of the response, between bytes of a body, and unused in the pool. */
export interface ConnectionTimeouts {
  readonly connectMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  readonly pooledMs: number;
}

/** Opens a connection; calls may be sent before it is established. */
export type Connect = (home: ConnectionHome) => UpstreamConnection;

/** A connection to an endpoint that has many calls under way at once (RFC 9113 §5). */
export interface SharedConnection {
  /** Whether it takes calls, or will as soon as it is established. Once false, it stays so. */
  readonly isOpen: boolean;
  /** Calls that it can take now; 0 until it is established. */
  readonly room: number;
  /** Calls under way. */
  readonly load: number;
  /** How many calls it has taken. */
  readonly uses: number;
  /** It must have room. */
  send(call: Call): void;
  /** Gives up on that call if it is still under way; its listener hears nothing more. */
  abandon(call: Call): void;
  /** Takes nothing new, and ends when its calls are over. */
  retire(): void;
}

/** What a shared connection needs of the pool that it belongs to. */
export interface SharedHome extends ConnectionPlace {
  /** It is established, has room again, or takes nothing more. */
  changed(connection: SharedConnection): void;
  /** It has ended; why it never came about, or null. */
  gone(connection: SharedConnection, fault: GatewayError | null): void;
}

/** Opens a connection that calls can share. */
export type ConnectShared = (home: SharedHome) => SharedConnection;
