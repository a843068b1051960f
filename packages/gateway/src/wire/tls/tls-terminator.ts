import { hash, hkdfSync, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import type { HandshakeResult } from '../../core/handshake.ts';
import { contextOptions, contextsByName, namesOf } from './server-contexts.ts';
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
  readonly #waiting = new WeakMap<Socket, HandshakeListener>();

  /** Throws for certificates and keys that cannot be used. Without a secret, tickets are good in this thread only. */
  constructor(settings: TlsSettings, ticketSecret: Uint8Array | null) {
    this.settings = settings;
    const [first = {}, ...others] = contextOptions(settings);
    const choose = contextsByName(
      [first, ...others].map((options, index) => ({
        names: namesOf(settings.certificates[index]?.certificate ?? ''),
        context: createSecureContext(options),
      })),
    );
    this.#server = createServer({
      ...first,
      allowHalfOpen: true,
      ALPNProtocols: settings.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      SNICallback: (name, use) => use(null, choose(name)),
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
    // One that is not good is not like none: who shows it means to be somebody.
    if (certificate !== undefined && !socket.authorized) listener?.failed('certificate');
    else listener?.secured(socket, certificate?.raw ?? null);
  }

  #failed(error: Error, socket: TLSSocket): void {
    const isUntrusted = socket.authorizationError !== null && socket.authorizationError !== undefined;
    this.#listenerOf(socket)?.failed(isUntrusted ? 'certificate' : resultOf(error));
  }

  #listenerOf(socket: TLSSocket): HandshakeListener | undefined {
    // Node.js keeps the socket below in this member, which is the only way from the one to the other.
    const raw = (socket as unknown as { readonly _parent?: Socket })._parent;
    const listener = raw === undefined ? undefined : this.#waiting.get(raw);
    if (listener === undefined) socket.destroy();
    else if (raw !== undefined) this.#waiting.delete(raw);
    return listener;
  }
}

function ignore(): void {}

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
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed';
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'plain-http';
  if (code === 'ERR_SSL_NO_SHARED_CIPHER') return 'cipher';
  if (/CERT|UNKNOWN_CA/.test(code)) return 'certificate';
  return /VERSION|UNSUPPORTED_PROTOCOL/.test(code) ? 'version' : 'protocol';
}
