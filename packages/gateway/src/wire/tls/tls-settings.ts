/** How a listener speaks TLS; certificates and keys are PEM texts. */
export interface TlsSettings {
  /** The listener: sessions of one are no good at another. */
  readonly listener: string;
  /** The first is for names that no other has. */
  readonly certificates: readonly TlsCertificate[];
  /** Whether HTTP/2 is offered beside HTTP/1.1. */
  readonly http2: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Null: nobody is asked for one. */
  readonly clientCertificates: {
    readonly authorities: string;
    /** Lists of what they have revoked; null: nobody looks. */
    readonly revocations: string | null;
    readonly required: boolean;
  } | null;
  /** Whether authorities may look whether we have control of names (RFC 8737). */
  readonly answersChallenges: boolean;
}

/** A certificate and its key, or the names of one that is still being fetched. */
export type TlsCertificate =
  | { readonly kind: 'here'; readonly certificate: string; readonly key: string }
  | { readonly kind: 'coming'; readonly names: readonly string[] };
