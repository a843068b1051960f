/** How a listener speaks TLS; certificates and keys are PEM texts. */
export interface TlsSettings {
  /** The listener: sessions of one are no good at another. */
  readonly listener: string;
  /** At least one; the first is for names that no other has. */
  readonly certificates: readonly { readonly certificate: string; readonly key: string }[];
  /** Whether HTTP/2 is offered beside HTTP/1.1. */
  readonly http2: boolean;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Null: nobody is asked for one. */
  readonly clientCertificates: { readonly authorities: string; readonly required: boolean } | null;
}
