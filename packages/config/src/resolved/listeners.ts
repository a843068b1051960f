import type { AddressBlock, KeyPairFiles, Origin, PemFile, SocketAddress } from './places.ts';

/** One door: an address, and what may come through it. */
export interface ListenerConfig {
  readonly id: string;
  readonly address: SocketAddress;
  /** Whose `X-Forwarded-*` and `Forwarded` is believed. */
  readonly trustedProxies: readonly AddressBlock[];
  readonly proxyProtocol: boolean;
  /** Whether HTTP/2 is spoken besides HTTP/1.1. */
  readonly http2: boolean;
  /** Whether `Client-Cert` (RFC 9440) of trusted proxies is believed; others never are. */
  readonly forwardedClientCert: boolean;
  /** Null: plain HTTP. */
  readonly tls: ListenerTlsConfig | null;
  readonly limits: ListenerLimits;
  readonly origin: Origin;
}

/** How a listener speaks TLS. */
export interface ListenerTlsConfig {
  /** Its own; the first of all that it shows is for names that no other has. */
  readonly certificates: readonly ListenerCertificateConfig[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Null: nobody is asked for one. */
  readonly clientCertificates: {
    readonly authorities: PemFile;
    /** Lists of what was revoked; null: nobody looks. */
    readonly revocations: PemFile | null;
    readonly required: boolean;
    /** Whether services are told. */
    readonly forward: boolean;
  } | null;
}

/** A certificate of a listener: in files, or fetched. */
export type ListenerCertificateConfig =
  | ({
      readonly kind: 'files';
      /** Host names on it, in lower case. */
      readonly names: readonly string[];
    } & KeyPairFiles)
  | AcmeCertificateConfig;

/** A certificate that stands beside the listeners, with its key. */
export interface NamedCertificateConfig {
  readonly id: string;
  /** Null: all that speak TLS. */
  readonly listeners: readonly string[] | null;
  /** In PEM, with those that lead to its authority. */
  readonly certificate: string;
  /** In PEM; a secret. */
  readonly key: string;
  /** Host names on it, in lower case. */
  readonly names: readonly string[];
  /** When the first of its chain ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly origin: Origin;
}

/** A certificate that is fetched by ACME (RFC 8555). */
export interface AcmeCertificateConfig {
  readonly kind: 'acme';
  /** At least one, in lower case. */
  readonly domains: readonly string[];
  readonly email: string | null;
  /** An https URL. */
  readonly directory: string;
  readonly storage: AcmeStorageConfig;
  readonly challenge: 'http-01' | 'tls-alpn-01';
  readonly eab: { readonly keyId: string; readonly hmacKey: string } | null;
  /** Null: those that Node.js knows. */
  readonly authorities: PemFile | null;
}

/** Where accounts and certificates of ACME are kept; `path` is absolute. */
export type AcmeStorageConfig =
  | { readonly kind: 'state' }
  | { readonly kind: 'redis' }
  | { readonly kind: 'database' }
  | { readonly kind: 'folder'; readonly path: string };

/** What one connection or one request may cost us. */
export interface ListenerLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly targetBytes: number;
  readonly bodyBytes: number;
  readonly headerTimeoutMs: number;
  /** The longest silence between two pieces of a body. */
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly requestsPerConnection: number;
  readonly http2: { readonly maxConcurrentStreams: number };
  readonly connections: number;
  readonly connectionsPerClient: number;
}
