import type { DecisionTrace } from '../core/decision-trace.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Identity } from '../core/identity.ts';
import type { Field } from './fields.ts';

/** A request, as a client would send it. */
export interface OfflineRequest {
  readonly method: string;
  /** Path and query as the client writes them: what is ambiguous is refused, as it would be on a socket. */
  readonly target: string;
  /** Host, with a port where that is not the usual one. */
  readonly authority: string;
  /** `Host` and framing are added, unless they are here. */
  readonly headers: readonly Field[];
  readonly body: Buffer;
  /** `2` for callers of gRPC. */
  readonly version: '1.1' | '2';
  /** The id of a listener. */
  readonly listener: string;
  /** Address of the other end of the connection. */
  readonly peer: string;
  /** With which the client proved itself (DER), or null. */
  readonly clientCertificate: Uint8Array | null;
}

/** A response, as the client would get it. */
export interface OfflineResponse {
  readonly status: number;
  readonly headers: readonly Field[];
  readonly body: Buffer;
  readonly trailers: readonly Field[];
  /** Why the body broke off, or `''`. */
  readonly brokenBy: ErrorCode | '';
}

/** A request, as a service would get it. */
export interface UpstreamRequest {
  readonly service: string;
  /** `host:port`. */
  readonly endpoint: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authority: string;
  /** Without `Host` and framing. */
  readonly headers: readonly Field[];
  readonly body: Buffer;
}

/** What a service does with a request. */
export type ServiceAnswer =
  | {
      readonly kind: 'replies';
      readonly status: number;
      readonly headers: readonly Field[];
      readonly body: Buffer;
      /** Null: there are none. */
      readonly trailers: readonly Field[] | null;
      /** On the driven clock. */
      readonly delayMs: number;
    }
  /** It takes no connection, never answers, or closes the connection. */
  | { readonly kind: 'fails'; readonly how: 'connect' | 'timeout' | 'reset' };

/** What a service that authorizes is asked, and what it says: its status and fields decide as over HTTP. */
export interface AuthorizerRequest {
  readonly url: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly Field[];
}

/** Everything that a gateway reaches in the world, for as long as it is offline. */
export interface OfflineWorld {
  /** Services, by the id that the request names. */
  readonly service: (request: UpstreamRequest) => ServiceAnswer;
  /** Services that authorize. */
  readonly authorizer: (request: AuthorizerRequest) => ServiceAnswer;
}

/** All that is known of one request when it is over. */
export interface OfflineExchange {
  readonly response: OfflineResponse;
  /** What services got, copies for mirrors too, in the order in which it came. */
  readonly upstream: readonly UpstreamRequest[];
  /** Who is calling, or null. */
  readonly caller: Identity | null;
  /** Route, stages with what they decided, and the record of the access log. Its time is that of the driven clock. */
  readonly trace: DecisionTrace;
}
