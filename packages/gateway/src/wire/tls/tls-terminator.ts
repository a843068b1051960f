import { hash, hkdfSync, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import { limitToHosts } from '../../core/certificate-scope.ts';
import type { ProofNews } from '../../core/desk.ts';
import type { HandshakeResult } from '../../core/handshake.ts';
import { ChallengeProofs, isLook } from './challenge-proofs.ts';
import { contextOptions, contextsByName } from './server-contexts.ts';
import type { TlsSettings } from './tls-settings.ts';

/** Who waits for the end of a handshake; exactly one of the two is called. */
export interface HandshakeListener {
  /** `clientCertificate` is in DER, and verified. */
  secured(socket: TLSSocket, clientCertificate: Uint8Array | null): void;
  failed(result: HandshakeResult): void;
}

/**
 * Ends the TLS of one listener. Its server never listens itself: it is given connections that were accepted, counted, and
 * maybe introduced by a proxy. Other settings are another terminator; connections live on with the one that they had.
 */
export class TlsTerminator {
  readonly settings: TlsSettings;
  readonly #server: Server;
  readonly #default: SecureContext | undefined;
  readonly #choose: ReturnType<typeof contextsByName>;
  readonly #proofs = new ChallengeProofs();
  readonly #waiting = new WeakMap<Socket, HandshakeListener>();

  /** Throws for certificates and keys that cannot be used. Without a secret, tickets are good in this thread only. */
  constructor(settings: TlsSettings, ticketSecret: Uint8Array | null) {
    this.settings = settings;
    const proofs = this.#proofs;
    const gone = (socket: TLSSocket): void => this.#gone(socket);
    const [first = {}, ...others] = contextOptions(settings);
    const certificates = [first, ...others].map((options, index) => ({
      one: settings.certificates[index] ?? ({ kind: 'coming', names: [] } as const),
      context: createSecureContext(options),
    }));
    const choose = contextsByName(certificates);
    this.#default = certificates[0]?.context;
    this.#choose = choose;
    const protocols = settings.http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
    this.#server = createServer({
      ...first,
      allowHalfOpen: true,
      ...(settings.answersChallenges
        ? { ALPNCallback: this.#proofs.choice(protocols, (name) => choose(name) !== 'none') }
        : { ALPNProtocols: protocols }),
      SNICallback(this: TLSSocket, name, use) {
        this.once('end', () => gone(this));
        const context = choose(name);
        // The protocol is not known yet, so it may be an authority that looks.
        const proof = context === 'none' ? proofs.contextOf(name) : undefined;
        if (context === 'none' && proof === undefined) use(refusal(this));
        else use(null, typeof context === 'string' ? proof : context);
      },
      requestCert: settings.clientCertificates !== null,
      rejectUnauthorized: settings.clientCertificates?.required === true,
      sessionIdContext: hash('sha256', scopeOf(settings)).slice(0, SESSION_CONTEXT_LENGTH),
      ticketKeys: ticketKeys(ticketSecret ?? randomBytes(TICKET_KEY_BYTES), settings),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  /** From now on tickets are made with another secret, and those that are out are good for nothing. */
  rotate(ticketSecret: Uint8Array): void {
    this.#server.setTicketKeys(ticketKeys(ticketSecret, this.settings));
  }

  /** Shows these to authorities that look whether we have control of names, and none of those before. */
  prove(certificates: ProofNews['certificates']): void {
    this.#proofs.show(certificates);
  }

  /** Begins the handshake on a connection, whose next bytes come from the client itself. */
  take(raw: Socket, listener: HandshakeListener): void {
    this.#waiting.set(raw, listener);
    this.#server.emit('connection', raw);
  }

  #secured(socket: TLSSocket): void {
    // 'close' follows, on this socket and the one below, and says all that there is to know.
    socket.on('error', ignore);
    const certificate = socket.getPeerX509Certificate();
    const listener = this.#listenerOf(socket);
    if (isLook(socket)) {
      listener?.failed('challenge');
      return;
    }
    // Without a protocol it came as far as this, to a certificate that is good for nothing.
    if (typeof socket.servername === 'string' && this.#choose(socket.servername) === 'none') {
      listener?.failed('no-certificate');
      return;
    }
    // One that is not good is not like none: who shows it means to be somebody.
    if (certificate !== undefined && !socket.authorized) listener?.failed('certificate');
    else listener?.secured(socket, this.#scoped(certificate?.raw ?? null, socket.servername));
  }

  /** A client that proved itself is known under the names of the certificate that it was shown. */
  #scoped(certificate: Uint8Array | null, serverName: unknown): Uint8Array | null {
    if (certificate === null) return null;
    const named = typeof serverName === 'string' ? this.#choose(serverName) : 'default';
    const own = named === 'default' ? this.#default : named;
    limitToHosts(certificate, (host) => {
      const wanted = this.#choose(host);
      return typeof wanted === 'string' || wanted === own;
    });
    return certificate;
  }

  #failed(error: Error, socket: TLSSocket): void {
    const isUntrusted = socket.authorizationError !== null && socket.authorizationError !== undefined;
    this.#listenerOf(socket)?.failed(isUntrusted ? 'certificate' : resultOf(error));
  }

  /** Node.js waits on when a client goes away before its last message of a handshake. Without SNI the handshake has to time out. */
  #gone(socket: TLSSocket): void {
    const raw = rawOf(socket);
    if (raw !== undefined && this.#waiting.has(raw)) this.#listenerOf(socket)?.failed('closed');
  }

  #listenerOf(socket: TLSSocket): HandshakeListener | undefined {
    const raw = rawOf(socket);
    const listener = raw === undefined ? undefined : this.#waiting.get(raw);
    if (listener === undefined) socket.destroy();
    else if (raw !== undefined) this.#waiting.delete(raw);
    return listener;
  }
}

function ignore(): void {}

/** A fatal alert, unrecognized_name (RFC 6066 §3), as a record that is not encrypted yet. */
const UNRECOGNIZED_NAME = Buffer.of(21, 3, 3, 0, 2, 2, 112);

/** Tells a client that there is no certificate for the name that it asks for. OpenSSL would only say that something failed. */
function refusal(socket: TLSSocket): Error {
  rawOf(socket)?.write(UNRECOGNIZED_NAME);
  return Object.assign(new Error('there is no certificate for this name'), { code: NO_CERTIFICATE });
}

const NO_CERTIFICATE = 'NO_CERTIFICATE';

/** Node.js keeps the socket below in this member, which is the only way from the one to the other. */
function rawOf(socket: TLSSocket): Socket | undefined {
  return (socket as unknown as { readonly _parent?: Socket })._parent;
}

/** The most that OpenSSL takes. */
const SESSION_CONTEXT_LENGTH = 32;
const TICKET_KEY_BYTES = 48;

/**
 * Where a session may be resumed: on the same listener, under the same authorities. Otherwise a client that was let in by
 * one listener could come in by another that would never have believed its certificate.
 */
function scopeOf({ listener, clientCertificates }: TlsSettings): string {
  return JSON.stringify([listener, clientCertificates]);
}

function ticketKeys(secret: Uint8Array, settings: TlsSettings): Buffer {
  const scope = hash('sha256', scopeOf(settings));
  return Buffer.from(hkdfSync('sha256', secret, '', `turnpike tickets ${scope}`, TICKET_KEY_BYTES));
}

function resultOf(error: Error): HandshakeResult {
  const code = 'code' in error ? String(error.code) : '';
  if (code === NO_CERTIFICATE) return 'no-certificate';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed';
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'plain-http';
  if (code === 'ERR_SSL_NO_SHARED_CIPHER') return 'cipher';
  if (/CERT|UNKNOWN_CA/.test(code)) return 'certificate';
  return /VERSION|UNSUPPORTED_PROTOCOL/.test(code) ? 'version' : 'protocol';
}
