import { createServer, type Server, type Socket } from 'node:net';
import type { ClientAddress } from '../core/exchange.ts';
import type { HandshakeResult } from '../core/handshake.ts';
import type { Http2Abuse } from '../core/http2-abuse.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { acceptInto, stopQueueing } from './accept.ts';
import type { Connection } from './connection.ts';
import { ConnectionCounts, type ConnectionLimits, type SharedCounts } from './connection-counts.ts';
import { EitherConnection } from './either-connection.ts';
import type { ConnectionOrigin, ConnectionPlan, ConnectionPorts } from './http1/connection-plan.ts';
import { ServerConnection } from './http1/server-connection.ts';
import { Http2Connection, type Http2Ports } from './http2/server-connection.ts';
import { ProxyProtocolConnection } from './proxy-protocol.ts';
import { TlsConnection } from './tls/tls-connection.ts';
import type { TlsTerminator } from './tls/tls-terminator.ts';

/** One door: where it is and what may come through it. */
export interface ListenerPlan extends ConnectionLimits {
  readonly host: string;
  readonly port: number;
  readonly connection: ConnectionPlan;
  readonly proxyProtocol: boolean;
  /** Null: no TLS. A listener that is open keeps to one or the other. */
  readonly tls: TlsTerminator | null;
  /** Whether clients may speak HTTP/2: by ALPN with TLS, by beginning with it without. */
  readonly http2: boolean;
}

/** What a listener and its connections need. */
export interface ListenerPorts extends ConnectionPorts {
  /** Of all listeners of the process. */
  readonly connectionCounts: SharedCounts;
}

/** Connections that wait to be accepted; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 4096;

/** How much time those have who do not know yet that a listener closes. */
export interface Leave {
  /** Connections that wait in the kernel's queue, to be accepted. */
  readonly queueMs: number;
  /** Connections without a request, after the listener was closed. */
  readonly idleMs: number;
}

const LEAVE: Leave = { queueMs: 50, idleMs: 1000 };

/** Told of connections that come and go. */
export interface ConnectionTally {
  opened(): void;
  closed(): void;
  refused(): void;
  /** A TLS handshake has ended. */
  shookHands(result: HandshakeResult): void;
  /** A client did too much of something. */
  abused(kind: Http2Abuse): void;
}

/** An open listener of this thread, and its connections. */
export class Listener {
  readonly #ports: ConnectionPorts;
  readonly #http2Ports: Http2Ports;
  readonly #tally: ConnectionTally;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #counts: ConnectionCounts;
  #plan: ListenerPlan;
  #isClosing = false;

  private constructor(plan: ListenerPlan, ports: ListenerPorts, tally: ConnectionTally) {
    this.#plan = plan;
    this.#ports = ports;
    this.#http2Ports = { ...ports, abused: (kind) => tally.abused(kind) };
    this.#tally = tally;
    this.#counts = new ConnectionCounts(plan.connection.arrival.listener, ports.connectionCounts);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false });
  }

  /** Opens the listener; rejects with what the operating system says. */
  static open(plan: ListenerPlan, ports: ListenerPorts, tally: ConnectionTally): Promise<Listener> {
    const listener = new Listener(plan, ports, tally);
    return new Promise((resolve, reject) => {
      const server = listener.#server;
      server.once('error', reject);
      // Each thread has its own queue of new connections, which the kernel fills evenly.
      const where = {
        host: plan.host === '' ? '::' : plan.host,
        port: plan.port,
        reusePort: true,
        backlog: BACKLOG,
      };
      server.listen(where, () => {
        server.off('error', reject);
        server.on('error', (error) => ports.log.error('a listener failed', { error }));
        listener.replan(plan);
        acceptInto(server, (socket) => listener.#accept(socket));
        resolve(listener);
      });
    });
  }

  /** The port that it really has. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Connections that wait for a request. Counts them all: for who asks now and then. */
  get idle(): number {
    let idle = 0;
    for (const { isIdle } of this.#connections) if (isIdle) idle++;
    return idle;
  }

  /** From now on connections are under this plan, and those that are open from their next request on. */
  replan(plan: ListenerPlan): void {
    // The system chooses the port where the plan has none.
    const connection = { ...plan.connection, arrival: { ...plan.connection.arrival, port: this.port } };
    this.#plan = { ...plan, connection };
    for (const open of this.#connections) open.replan(connection);
  }

  /**
   * Takes no new connections, then lets those that are open end with their next reply; resolves when that is done.
   *
   * In this order, because clients that are told to close come back at once, and one whose connection is established in
   * the very moment in which the listener closes is reset. A connection without a request gets some time too: its client
   * may have sent one that has not arrived.
   */
  async close({ queueMs, idleMs }: Leave = LEAVE): Promise<void> {
    stopQueueing(this.#server);
    await delay(queueMs);
    this.#server.close();
    // The other threads close theirs at about the same time; nobody is sent back before all have.
    await delay(queueMs);
    this.#isClosing = true;
    for (const connection of this.#connections) connection.drain();
    const end = performance.now() + idleMs;
    while (this.#connections.size > 0 && performance.now() < end) await delay(queueMs);
    for (const connection of this.#connections) connection.closeIfIdle();
  }

  #accept(socket: Socket): Connection | null {
    const { connection: plan, proxyProtocol } = this.#plan;
    const counted = this.#counts.open(clientKey(socket.remoteAddress ?? ''), this.#plan);
    if (counted === null) {
      this.#tally.refused();
      return null;
    }
    this.#tally.opened();
    const connection = proxyProtocol
      ? new ProxyProtocolConnection(socket, plan, (peer) => this.#serve(socket, peer))
      : this.#serve(socket, null);
    this.#connections.add(connection);
    socket
      .once('finish', () => counted.ended())
      .once('close', () => {
        counted.closed();
        this.#connections.delete(connection);
        this.#tally.closed();
      });
    return connection;
  }

  #serve(socket: Socket, peer: ClientAddress | null): Connection {
    const { tls } = this.#plan;
    if (tls === null) return this.#servePlain(socket, peer);
    return new TlsConnection(socket, {
      terminator: tls,
      wheel: this.#ports.wheel,
      log: this.#ports.log,
      ended: (result) => this.#tally.shookHands(result),
      serve: (inside, clientCertificate) =>
        inside.alpnProtocol === 'h2'
          ? this.#beginHttp2(inside, { peer, clientCertificate })
          : this.#begin(inside, { peer, clientCertificate, preface: null }),
    });
  }

  #servePlain(socket: Socket, peer: ClientAddress | null): Connection {
    const origin = { peer, clientCertificate: null, preface: null };
    if (!this.#plan.http2) return this.#begin(socket, origin);
    return new EitherConnection({
      http1: (preface) => this.#begin(socket, { ...origin, preface }),
      http2: () => this.#beginHttp2(socket, origin),
    });
  }

  #beginHttp2(socket: Socket, origin: Pick<ConnectionOrigin, 'peer' | 'clientCertificate'>): Connection {
    const connection = new Http2Connection(socket, this.#plan.connection, this.#http2Ports, origin);
    if (this.#isClosing) connection.drain();
    return connection;
  }

  #begin(socket: Socket, origin: ConnectionOrigin): ServerConnection {
    const connection = new ServerConnection(socket, this.#plan.connection, this.#ports, origin);
    if (this.#isClosing) connection.drain();
    return connection;
  }
}

/** Whose connections are counted together: an IPv4 address, or the /64 that one IPv6 customer has. */
function clientKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('::');
  const groups = address.includes('::') ? head.split(':') : address.split(':');
  return groups.slice(0, 4).join(':');
}
