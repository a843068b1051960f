import { GatewayError } from '../../core/errors.ts';
import { Deadline } from '../../core/timing-wheel.ts';
import type { Call, ConnectShared, SharedConnection, SharedHome } from '../../core/transport.ts';
import type { PoolPlan } from './endpoint-pool.ts';
import { WAITING_PER_CONNECTION, type CallHolder, type Pool, type PoolSize } from './pool.ts';

/** What a connection takes that nobody knows yet. */
const EXPECTED_ROOM = 100;

/** A call that waits for room. */
interface Waiting {
  readonly call: Call;
  readonly isFresh: boolean;
  readonly deadline: Deadline;
}

/**
 * The connections of this thread to one endpoint that speaks HTTP/2. Calls share a connection until it has no room; only then
 * there is another. What waits, waits here and not in a connection, so that it goes to whichever has room first.
 */
export class SharedPool implements Pool, SharedHome, CallHolder {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly tls: PoolPlan['tls'];
  readonly wheel: PoolPlan['wheel'];
  readonly timeouts: PoolPlan['timeouts'];
  /** Whoever has to wait mostly gets a connection that is opened for it. */
  readonly uses = 0;
  readonly #maxConnections: number;
  readonly #connect: ConnectShared;
  /** With the time at which each was opened. */
  readonly #all = new Map<SharedConnection, number>();
  readonly #waiting = new Map<Call, Waiting>();
  #expectedRoom = EXPECTED_ROOM;
  #isClosed = false;

  constructor(plan: PoolPlan, connect: ConnectShared) {
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
    let idle = 0;
    for (const connection of this.#all.keys()) if (connection.load === 0) idle++;
    return { open: this.#all.size, idle, waiting: this.#waiting.size };
  }

  send(call: Call, isFresh: boolean): CallHolder {
    const connection = this.#withRoom(isFresh);
    if (connection === null) return this.#wait(call, isFresh);
    connection.send(call);
    return connection;
  }

  /** Of a call that had to wait, and may have found a connection by now. */
  abandon(call: Call): void {
    const waiting = this.#waiting.get(call);
    if (waiting !== undefined) this.#stopWaiting(waiting);
    else for (const connection of this.#all.keys()) connection.abandon(call);
  }

  changed(connection: SharedConnection): void {
    if (connection.uses === 0 && connection.room > 0) this.#expectedRoom = connection.room;
    for (const waiting of this.#waiting.values()) {
      if (connection.room === 0) break;
      if (waiting.isFresh && !this.#isYoung(connection)) continue;
      this.#stopWaiting(waiting);
      connection.send(waiting.call);
    }
    this.#openForThoseWhoWait();
    if (this.#isClosed && this.#waiting.size === 0) connection.retire();
  }

  gone(connection: SharedConnection, fault: GatewayError | null): void {
    this.#all.delete(connection);
    if (fault === null) this.#openForThoseWhoWait();
    else if (!this.#hasOpen()) this.#failAll(fault);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#waiting.size > 0) return;
    for (const connection of this.#all.keys()) connection.retire();
  }

  #withRoom(isFresh: boolean): SharedConnection | null {
    for (const connection of this.#all.keys())
      if (connection.room > 0 && (!isFresh || this.#isYoung(connection))) return connection;
    return null;
  }

  /** It was opened a moment ago, so it has not died unnoticed like the one that somebody has just tried. */
  #isYoung(connection: SharedConnection): boolean {
    const openedAtMs = this.#all.get(connection) ?? 0;
    return this.wheel.nowMs - openedAtMs <= this.timeouts.connectMs;
  }

  #hasOpen(): boolean {
    for (const connection of this.#all.keys()) if (connection.isOpen) return true;
    return false;
  }

  #wait(call: Call, isFresh: boolean): CallHolder {
    const perConnection = Math.max(WAITING_PER_CONNECTION, this.#expectedRoom);
    if (this.#waiting.size >= this.#maxConnections * perConnection) {
      const what = `too many requests wait for a connection to ${this.host}:${this.port}`;
      throw new GatewayError('CONNECTION_LIMIT', what);
    }
    const waiting = { call, isFresh, deadline: new Deadline(() => this.#gaveUp(call)) };
    this.#waiting.set(call, waiting);
    this.wheel.set(waiting.deadline, this.timeouts.connectMs);
    this.#openForThoseWhoWait();
    return this;
  }

  #gaveUp(call: Call): void {
    this.#waiting.delete(call);
    const isAnyInUse = [...this.#all.keys()].some(({ isOpen, uses }) => isOpen && uses > 0);
    const code = isAnyInUse ? 'CONNECTION_LIMIT' : 'CONNECT_TIMEOUT';
    const what = `no connection to ${this.host}:${this.port} had room in time`;
    call.listener.failed(new GatewayError(code, what));
  }

  #stopWaiting({ call, deadline }: Waiting): void {
    this.#waiting.delete(call);
    this.wheel.remove(deadline);
  }

  #failAll(fault: GatewayError): void {
    for (const waiting of this.#waiting.values()) {
      this.#stopWaiting(waiting);
      waiting.call.listener.failed(fault);
    }
  }

  /** As many as those who wait will need, with those that are on their way. */
  #openForThoseWhoWait(): void {
    let open = 0;
    let coming = 0;
    for (const connection of this.#all.keys()) {
      if (!connection.isOpen) continue;
      open++;
      if (connection.uses === 0) coming++;
    }
    for (; open < this.#maxConnections && this.#waiting.size > coming * this.#expectedRoom; open++, coming++)
      this.#all.set(this.#connect(this), this.wheel.nowMs);
  }
}
