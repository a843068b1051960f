import type { Arrival, ClientAddress, Exchange, Handler } from '../../core/exchange.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';

/** What a listener asks of its connections. */
export interface ConnectionPlan {
  readonly arrival: Arrival;
  readonly limits: ConnectionLimits;
  /** Whether the fields of this peer about its own client are believed. */
  isTrusted(peer: ClientAddress): boolean;
}

/** Bounds of one connection; the schema of `listeners.*.limits` says what each is for. */
export interface ConnectionLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly requestsPerConnection: number;
  readonly http2: { readonly maxConcurrentStreams: number };
}

/** What is known of a connection before its first byte. */
export interface ConnectionOrigin {
  /** Who is there, if a proxy said so; null: the other end of the socket. */
  readonly peer: ClientAddress | null;
  /** With which the client proved itself in its TLS handshake (DER), or null. */
  readonly clientCertificate: Uint8Array | null;
  /** Takes over a connection that begins with the preface of HTTP/2; null where nobody speaks that. */
  readonly preface: ((bytes: Buffer) => void) | null;
}

/** What connections need of the thread that they live on. */
export interface ConnectionPorts {
  /** Never rejects: failures are replies too. */
  readonly handle: Handler;
  /** The thread has too much to do: connections end with their next reply, so that balancers look elsewhere. */
  isExhausted(): boolean;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly log: Log;
  newRequestId(): string;
  /** An exchange is over, and its record complete. */
  ended(exchange: Exchange, endedAtMs: number): void;
}
