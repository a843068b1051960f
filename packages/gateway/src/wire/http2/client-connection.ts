import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { connect as connectPlain, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import { isOwnShortage } from '../../core/own-shortage.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Call, ConnectionTimeouts, SharedConnection, SharedHome } from '../../core/transport.ts';
import { connectTls } from '../tls/connect-tls.ts';
import { ClientCall, type ClientCallOwner, type StreamEnd } from './client-call.ts';

/** More on one connection, and one lost packet holds up too many. */
const MAX_STREAMS = 100;
/** Numbers of streams are odd and have 31 bits. */
const MAX_USES = 2 ** 29;
/** What may come on a stream before somebody reads it. */
const STREAM_WINDOW_BYTES = 256 * 1024;
const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
/** As for the heads of HTTP/1.1. */
const HEAD = { bytes: 64 * 1024, fields: 256 } as const;

const SESSION_OPTIONS = {
  settings: {
    enablePush: false,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxHeaderListSize: HEAD.bytes,
  },
  maxHeaderListPairs: HEAD.fields,
  maxSendHeaderBlockLength: 2 * HEAD.bytes,
  // In MB: more than all windows of its streams together.
  maxSessionMemory: 64,
  // What clients repeat is theirs to answer for.
  strictSingleValueFields: false,
};

/**
 * One HTTP/2 connection to an endpoint, over `node:http2`, that calls share (RFC 9113).
 *
 * It is established when the settings of the service have come: until then nothing of a call is handed over, so that all of
 * them can still go elsewhere, and never are there more streams than the service wants.
 */
export class Http2ClientConnection implements SharedConnection, ClientCallOwner {
  readonly session: ClientHttp2Session;
  readonly scheme: 'http' | 'https';
  readonly wheel: TimingWheel;
  readonly timeouts: ConnectionTimeouts;
  heard = 0;
  uses = 0;
  readonly #home: SharedHome;
  readonly #socket: Socket;
  readonly #calls = new Map<Call, ClientCall>();
  readonly #deadline: Deadline;
  #onDeadline: () => void;
  #hasReached = false;
  #isReady = false;
  #isRetired = false;
  #isProbed = false;
  #isClosed = false;
  #maxStreams = 0;
  /** The last stream that the service looks at, after it has said goodbye. */
  #lastStreamId = Infinity;
  /** Why it did not come about. */
  #fault: GatewayError | null = null;
  #cause: Error | null = null;

  constructor(home: SharedHome) {
    const { host, port, tls, wheel, timeouts } = home;
    this.#home = home;
    this.wheel = wheel;
    this.timeouts = timeouts;
    this.scheme = tls === null ? 'http' : 'https';
    this.#onDeadline = this.#connectTimedOut;
    this.#deadline = new Deadline(() => this.#onDeadline());
    const options = { host, port, noDelay: true };
    this.#socket =
      tls === null ? connectPlain(options) : connectTls(home, tls, { ...options, ALPNProtocols: ['h2'] });
    this.#socket.on('connect', () => (this.#hasReached = true));
    this.session = connect(`${this.scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      ...SESSION_OPTIONS,
      createConnection: () => this.#socket,
    });
    this.session
      .on('connect', () => this.#connected())
      .on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => this.#settled(maxConcurrentStreams))
      .on('goaway', (_, lastStreamId) => this.#saidGoodbye(lastStreamId))
      .on('error', (error) => (this.#cause = error))
      .on('close', () => this.#closed());
    this.#await(timeouts.connectMs, this.#connectTimedOut);
  }

  get isOpen(): boolean {
    return !this.#isRetired && !this.session.closed && !this.session.destroyed && this.uses < MAX_USES;
  }

  get room(): number {
    if (!this.#isReady || this.#isProbed || !this.isOpen) return 0;
    return Math.max(0, this.#maxStreams - this.#calls.size);
  }

  get load(): number {
    return this.#calls.size;
  }

  send(call: Call): void {
    this.uses++;
    if (call.upgrade !== '' && !this.#takes(call.upgrade)) {
      const detail = 'The service takes no WebSockets over HTTP/2';
      const what = `${this.#home.host}:${this.#home.port} has no extended CONNECT for ${call.upgrade}`;
      call.listener.failed(new GatewayError('NOT_IMPLEMENTED', what, { detail }));
      return;
    }
    try {
      this.#calls.set(call, new ClientCall(call, this));
      if (this.#onDeadline === this.#unused) this.wheel.clear(this.#deadline);
    } catch (error) {
      call.listener.failed(new GatewayError('INTERNAL', 'the request cannot be sent', { cause: error }));
    }
  }

  abandon(call: Call): void {
    this.#calls.get(call)?.abandon();
  }

  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    // One that is not established has nothing to finish.
    if (this.#isReady) this.session.close();
    else this.session.destroy();
  }

  /** Other protocols than WebSocket have no such handshake, and a service says whether it takes any (RFC 8441 §3). */
  #takes(upgrade: string): boolean {
    return upgrade === 'websocket' && this.session.remoteSettings.enableConnectProtocol === true;
  }

  // --- for its calls -----------------------------------------------------------------------------------------------

  ended(call: Call): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0 && !this.#isProbed) this.#await(this.timeouts.pooledMs, this.#unused);
    this.#home.changed(this);
  }

  /** A service that is gone without a word would take every call after this one, and answer none. */
  suspected(): void {
    if (this.#isProbed || this.session.destroyed) return;
    this.#isProbed = this.session.ping((error) => {
      if (error === null) this.#proved();
    });
    if (!this.#isProbed) return;
    this.#await(this.timeouts.connectMs, this.#probeTimedOut);
    this.#home.changed(this);
  }

  faultOf({ id, code, cause, heardBefore }: StreamEnd): GatewayError {
    const isUnread = id === undefined || id > this.#lastStreamId;
    const options = { cause: cause ?? this.#cause };
    if (isUnread || code === constants.NGHTTP2_REFUSED_STREAM)
      return new GatewayError('UPSTREAM_REFUSED', 'the service did not take the request', options);
    const isOurs = 'code' in (cause ?? {}) && (cause as NodeJS.ErrnoException).code === 'ERR_HTTP2_ERROR';
    if (isOurs || (INVALID.has(code) && this.#lastStreamId === Infinity))
      return new GatewayError('UPSTREAM_INVALID', `the stream ended with code ${code}`, options);
    const error = new GatewayError('UPSTREAM_RESET', `the stream ended with code ${code}`, options);
    // On a connection that had served before, silence on all streams most likely means that it was closed while we wrote.
    const isGone = (this.#socket.destroyed || this.session.destroyed) && this.#lastStreamId === Infinity;
    error.isStale = isGone && this.heard > 0 && this.heard === heardBefore;
    return error;
  }

  // --- the session -------------------------------------------------------------------------------------------------

  /** Not to be known any earlier: Node.js aborts when the socket goes before it has told its session. */
  #connected(): void {
    // It is told of a moment later, and may have gone meanwhile.
    if (this.session.destroyed) return;
    if (this.#home.tls !== null && (this.#socket as TLSSocket).alpnProtocol !== 'h2') {
      this.#fault = this.#failure('UPSTREAM_TLS_FAILED', 'has no HTTP/2 over TLS');
      this.session.destroy();
    } else {
      this.session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    }
  }

  #settled(maxConcurrentStreams: number): void {
    this.#maxStreams = Math.min(MAX_STREAMS, maxConcurrentStreams);
    if (!this.#isReady) {
      this.#isReady = true;
      this.#await(this.timeouts.pooledMs, this.#unused);
    }
    this.#home.changed(this);
  }

  #saidGoodbye(lastStreamId: number): void {
    this.#lastStreamId = lastStreamId;
    this.#isRetired = true;
    this.#home.changed(this);
  }

  #proved(): void {
    if (this.#isClosed) return;
    this.#isProbed = false;
    if (this.#calls.size === 0) this.#await(this.timeouts.pooledMs, this.#unused);
    else this.wheel.clear(this.#deadline);
    this.#home.changed(this);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.wheel.remove(this.#deadline);
    const fault = this.#isReady
      ? null
      : (this.#fault ?? this.#failure(this.#connectFault(), 'cannot connect'));
    this.#home.gone(this, fault);
  }

  #connectFault(): ErrorCode {
    if (isOwnShortage(this.#cause)) return 'CONNECTION_LIMIT';
    if (!this.#hasReached || this.#home.tls === null) return 'CONNECT_FAILED';
    const { authorizationError = null } = this.#socket as Partial<TLSSocket>;
    return authorizationError === null ? 'UPSTREAM_TLS_FAILED' : 'UPSTREAM_CERTIFICATE';
  }

  #failure(code: ErrorCode, what: string): GatewayError {
    const { host, port } = this.#home;
    return new GatewayError(code, `${host}:${port}: ${what}`, { cause: this.#cause });
  }

  #await(afterMs: number, expired: () => void): void {
    if (this.#isClosed) return;
    this.#onDeadline = expired;
    this.wheel.set(this.#deadline, afterMs);
  }

  readonly #connectTimedOut = (): void => {
    const detail = 'The time to connect was over';
    const { host, port } = this.#home;
    this.#fault = new GatewayError('CONNECT_TIMEOUT', `no HTTP/2 from ${host}:${port} in time`, { detail });
    this.session.destroy();
  };

  readonly #probeTimedOut = (): void => {
    this.session.destroy(new Error('nobody answers a ping'));
  };

  readonly #unused = (): void => this.retire();
}

/** The service, or we for it, found an error in the protocol (RFC 9113 §7). */
const INVALID: ReadonlySet<number> = new Set([
  constants.NGHTTP2_PROTOCOL_ERROR,
  constants.NGHTTP2_FLOW_CONTROL_ERROR,
  constants.NGHTTP2_FRAME_SIZE_ERROR,
  constants.NGHTTP2_COMPRESSION_ERROR,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
  constants.NGHTTP2_HTTP_1_1_REQUIRED,
]);
