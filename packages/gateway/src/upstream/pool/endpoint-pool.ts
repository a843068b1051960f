import { GatewayError } from '../../core/errors.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import type {
  Call,
  Connect,
  ConnectionHome,
  ConnectionPlace,
  UpstreamConnection,
} from '../../core/transport.ts';
import { WAITING_PER_CONNECTION, type CallHolder, type Pool, type PoolSize } from './pool.ts';

/** How large a pool may be, and where its connections go. */
export interface PoolPlan extends ConnectionPlace {
  readonly maxConnections: number;
}

/** A call that waits for a connection. */
interface Waiting {
  readonly call: Call;
  readonly deadline: Deadline;
}

/**
 * The connections of this thread to one endpoint.
 *
 * Idle ones are taken last in, first out: the most recently used is the least likely to be closed by the other side, and
 * those that load does not need grow old and go. When all are in use calls wait their turn, as long as connecting may take.
 */
export class EndpointPool implements Pool, ConnectionHome, CallHolder {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly tls: PoolPlan['tls'];
  readonly wheel: PoolPlan['wheel'];
  readonly timeouts: PoolPlan['timeouts'];
  /** Whoever has to wait mostly gets a connection that served somebody before. */
  readonly uses = Infinity;
  readonly #maxConnections: number;
  readonly #connect: Connect;
  readonly #idle: UpstreamConnection[] = [];
  readonly #all = new Set<UpstreamConnection>();
  readonly #waiting = new Map<Call, Waiting>();
  #isClosed = false;

  constructor(plan: PoolPlan, connect: Connect) {
    this.service = plan.service;
    this.host = plan.host;
    this.port = plan.port;
    this.tls = plan.tls;
    this.wheel = plan.wheel;
    this.timeouts = plan.timeouts;
    this.#maxConnections = plan.maxConnections;
    this.#connect = connect;
  }

  get size(): PoolSize {
    return { open: this.#all.size, idle: this.#idle.length, waiting: this.#waiting.size };
  }

  /** Sends `call` on an idle connection, on a new one, or when one becomes free. */
  send(call: Call, isFresh: boolean): CallHolder {
    const connection = isFresh ? undefined : this.#takeIdle();
    if (connection !== undefined) return this.#sendOn(connection, call);
    if (this.#all.size >= this.#maxConnections && isFresh) this.#takeIdle()?.destroy();
    if (this.#all.size < this.#maxConnections) return this.#sendOn(this.#open(), call);
    return this.#wait(call);
  }

  /** Of a call that had to wait, and may have found a connection by now. */
  abandon(call: Call): void {
    const waiting = this.#waiting.get(call);
    if (waiting !== undefined) this.#stopWaiting(waiting);
    else for (const connection of this.#all) connection.abandon(call);
  }

  idle(connection: UpstreamConnection): void {
    const next = this.#waiting.values().next().value;
    if (next !== undefined) {
      this.#stopWaiting(next);
      connection.send(next.call);
    } else if (this.#isClosed) {
      connection.destroy();
    } else {
      this.#idle.push(connection);
    }
  }

  gone(connection: UpstreamConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const next = this.#waiting.values().next().value;
    if (next === undefined) return;
    this.#stopWaiting(next);
    this.#open().send(next.call);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #sendOn(connection: UpstreamConnection, call: Call): CallHolder {
    connection.send(call);
    return connection;
  }

  #takeIdle(): UpstreamConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isUsable) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #open(): UpstreamConnection {
    const connection = this.#connect(this);
    this.#all.add(connection);
    return connection;
  }

  #wait(call: Call): CallHolder {
    if (this.#waiting.size >= this.#maxConnections * WAITING_PER_CONNECTION) {
      throw new GatewayError(
        'CONNECTION_LIMIT',
        `too many requests wait for a connection to ${this.host}:${this.port}`,
      );
    }
    const deadline = new Deadline(() => {
      this.#waiting.delete(call);
      call.listener.failed(
        new GatewayError('CONNECTION_LIMIT', `no connection to ${this.host}:${this.port} became free`),
      );
    });
    this.#waiting.set(call, { call, deadline });
    this.wheel.set(deadline, this.timeouts.connectMs);
    return this;
  }

  #stopWaiting(waiting: Waiting): void {
    this.#waiting.delete(waiting.call);
    this.wheel.remove(waiting.deadline);
  }
}
