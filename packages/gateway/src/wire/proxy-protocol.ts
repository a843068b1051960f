import type { Socket } from 'node:net';
import type { ClientAddress } from '../core/exchange.ts';
import type { Connection } from './connection.ts';
import type { ConnectionPlan } from './http1/connection-plan.ts';
import { parseProxyHeader } from './proxy-header.ts';
import { SHARED_READ_BUFFER } from './read-buffers.ts';

/** How long the header may take; a proxy sends it with its first packet. */
const HEADER_TIMEOUT_MS = 1000;

/**
 * A connection that begins with a PROXY protocol header, version 1 or 2 (haproxy.org, proxy-protocol.txt): reads who is
 * behind the proxy, and goes on as a plain connection. Only a peer in `trustedProxies` may say so; a connection without a
 * good header is closed, because guessing would let anybody choose an address.
 */
export class ProxyProtocolConnection implements Connection {
  readonly #socket: Socket;
  #plan: ConnectionPlan;
  readonly #serve: (peer: ClientAddress | null) => Connection;
  readonly #timer: NodeJS.Timeout;
  #inner: Connection | null = null;
  #held: Buffer = Buffer.alloc(0);
  #isDraining = false;

  constructor(socket: Socket, plan: ConnectionPlan, serve: (peer: ClientAddress | null) => Connection) {
    this.#socket = socket;
    this.#plan = plan;
    this.#serve = serve;
    this.#timer = setTimeout(() => socket.destroy(), HEADER_TIMEOUT_MS);
  }

  /** Who may not say any more who is behind it ends with what is under way. */
  replan(plan: ConnectionPlan): void {
    this.#plan = plan;
    if (this.#mayBelieve()) {
      this.#inner?.replan(plan);
      return;
    }
    this.drain();
    this.closeIfIdle();
  }

  readBuffer(): Buffer {
    return this.#inner?.readBuffer() ?? SHARED_READ_BUFFER;
  }

  received(count: number, bytes: Buffer): void {
    if (this.#inner !== null) {
      this.#inner.received(count, bytes);
      return;
    }
    this.#held = Buffer.concat([this.#held, bytes.subarray(0, count)]);
    const header = this.#mayBelieve() ? parseProxyHeader(this.#held) : 'bad';
    if (header === 'more') return;
    if (header === 'bad') {
      this.#socket.destroy();
      return;
    }
    clearTimeout(this.#timer);
    this.#inner = this.#serve(header.source);
    if (this.#isDraining) this.#inner.drain();
    const rest = this.#held.subarray(header.length);
    if (rest.length > 0) this.#inner.received(rest.length, rest);
  }

  inputEnded(): void {
    if (this.#inner === null) this.#socket.destroy();
    else this.#inner.inputEnded();
  }

  drained(): void {
    this.#inner?.drained();
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#inner?.closed();
  }

  drain(): void {
    this.#isDraining = true;
    this.#inner?.drain();
  }

  get isIdle(): boolean {
    return this.#inner?.isIdle ?? true;
  }

  closeIfIdle(): boolean {
    if (this.#inner !== null) return this.#inner.closeIfIdle();
    this.#socket.destroy();
    return true;
  }

  #mayBelieve(): boolean {
    const { remoteAddress = '', remoteFamily, remotePort = 0 } = this.#socket;
    const address = remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
    const isIPv4 = remoteFamily === 'IPv4' || address !== remoteAddress;
    return this.#plan.isTrusted({ address, family: isIPv4 ? 'ipv4' : 'ipv6', port: remotePort });
  }
}
