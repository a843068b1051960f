import { createSecureContext, type SecureContext, type TlsOptions, type TLSSocket } from 'node:tls';
import type { ProofNews } from '../../core/desk.ts';

/** The protocol in which an authority looks at a certificate, and nothing else (RFC 8737 §4). */
const ACME_TLS = 'acme-tls/1';

/** Whether a connection was only made to look. */
export function isLook(socket: TLSSocket): boolean {
  return socket.alpnProtocol === ACME_TLS;
}

/** What one listener shows to authorities that look whether we have control of names. */
export class ChallengeProofs {
  #byName = new Map<string, SecureContext>();

  /** From now on these, and none of those before. */
  show(certificates: ProofNews['certificates']): void {
    this.#byName = new Map(
      certificates.map(({ name, certificate, key }) => [
        name,
        createSecureContext({ cert: certificate, key }),
      ]),
    );
  }

  /** What is shown for a name. */
  contextOf(name: string): SecureContext | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /**
   * Chooses the protocol of a connection: the first of ours that the client has too, if there is a certificate for its name, or a
   * look at what is shown. None is a fatal alert (RFC 7301 §3.2).
   */
  choice(ours: readonly string[], isServed: (name: string) => boolean): TlsOptions['ALPNCallback'] {
    const contextOf = (name: string): SecureContext | undefined => this.contextOf(name);
    return function choose(this: TLSSocket, { servername, protocols }) {
      if (!protocols.includes(ACME_TLS))
        return isServed(servername) ? ours.find((one) => protocols.includes(one)) : undefined;
      const context = contextOf(servername);
      if (context === undefined || protocols.length > 1) return undefined;
      this.setKeyCert(context);
      return ACME_TLS;
    };
  }
}
