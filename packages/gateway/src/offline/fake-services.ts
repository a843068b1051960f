import { GatewayError } from '../core/errors.ts';
import { headersOf } from '../core/headers.ts';
import { httpDate } from '../core/http/date.ts';
import type { Clock } from '../core/ports.ts';
import { Deadline } from '../core/timing-wheel.ts';
import type {
  Call,
  ConnectionHome,
  ConnectionPlace,
  SharedConnection,
  SharedHome,
  UpstreamConnection,
} from '../core/transport.ts';
import { bodyFrom, readBody } from './bytes-body.ts';
import { fieldsOfLines, headersFrom } from './fields.ts';
import type { OfflineWorld, ServiceAnswer, UpstreamRequest } from './offline-types.ts';

/** What services that are functions need. */
export interface FakeServicesPorts {
  readonly clock: Clock;
  readonly answer: OfflineWorld['service'];
  /** A service got a request; `id` is that of the exchange it was made for. */
  readonly got: (request: UpstreamRequest, id: string) => void;
}

/** Connections to services that are functions: the pools of the gateway open them in place of sockets. */
export class FakeServices {
  readonly #ports: FakeServicesPorts;
  /** Who waits for an answer that takes its time, and whether anybody still wants it. */
  readonly #held = new Map<Deadline, () => boolean>();

  constructor(ports: FakeServicesPorts) {
    this.#ports = ports;
  }

  /** Whether a service takes its time, so that the clock has to move. */
  get areHolding(): boolean {
    for (const isWanted of this.#held.values()) if (isWanted()) return true;
    return false;
  }

  readonly connect = (home: ConnectionHome): UpstreamConnection => new OneCall(home, this);

  readonly connectShared = (home: SharedHome): SharedConnection => new ManyCalls(home, this);

  /** Has a call answered. The listener hears nothing in the turn in which the call was made, as from a socket. */
  async serve(call: Call, place: ConnectionPlace, isWanted: () => boolean): Promise<ServedCall> {
    const { bytes } = await readBody(call.body);
    await turn();
    if (!isWanted()) return UNWANTED;
    const request = requestOf(call, place, bytes);
    this.#ports.got(request, request.headers.find(([name]) => name === 'X-Request-Id')?.[1] ?? '');
    const answer = this.#ports.answer(request);
    await this.#takeTime(answer, place, isWanted);
    return isWanted() ? { kind: 'answered', answer } : UNWANTED;
  }

  /** The head of an answer, as services write it. */
  headersOf(answer: Extract<ServiceAnswer, { kind: 'replies' }>) {
    const headers = headersFrom(answer.headers);
    if (!headers.has('date')) headers.append('Date', httpDate(this.#ports.clock.epoch()));
    if (answer.trailers === null && !headers.has('content-length'))
      headers.append('Content-Length', String(answer.body.length));
    return headers;
  }

  async #takeTime(
    answer: ServiceAnswer,
    { wheel, timeouts }: ConnectionPlace,
    isWanted: () => boolean,
  ): Promise<void> {
    const wantedMs = answer.kind === 'replies' ? answer.delayMs : HOLDS[answer.how];
    if (wantedMs === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = new Deadline(resolve);
    this.#held.set(deadline, isWanted);
    wheel.touch();
    wheel.set(deadline, Math.min(wantedMs, timeouts.requestMs));
    await promise;
    this.#held.delete(deadline);
    if (wantedMs > timeouts.requestMs)
      throw new GatewayError('UPSTREAM_TIMEOUT', 'no response head in time', {
        detail: 'The time until the head of the response was over',
      });
  }
}

/** What became of a call. */
type ServedCall =
  | { readonly kind: 'answered'; readonly answer: ServiceAnswer }
  | { readonly kind: 'unwanted' };

const UNWANTED: ServedCall = { kind: 'unwanted' };

/** For how long a service that fails says nothing. */
const HOLDS = { connect: 0, reset: 0, timeout: Infinity } as const;

/** Tells the listener of a call what became of it. */
async function deliver(call: Call, served: Promise<ServedCall>, services: FakeServices): Promise<void> {
  try {
    const result = await served;
    if (result.kind === 'unwanted') return;
    const { answer } = result;
    if (answer.kind === 'fails') throw FAILURES[answer.how]();
    const body = call.method === 'HEAD' ? null : bodyFrom(answer.body, trailersOf(answer));
    const parts = { body, tunnel: null, connectionNames: null };
    call.listener.replied(answer.status, services.headersOf(answer), parts);
  } catch (error) {
    call.listener.failed(
      error instanceof GatewayError ? error : new GatewayError('INTERNAL', 'a fake failed', { cause: error }),
    );
  }
}

const FAILURES = {
  connect: () => new GatewayError('CONNECT_FAILED', 'the service takes no connection'),
  reset: () => new GatewayError('UPSTREAM_RESET', 'the service closed the connection'),
  timeout: () => new GatewayError('UPSTREAM_TIMEOUT', 'no response head in time'),
} as const;

function trailersOf({ trailers }: Extract<ServiceAnswer, { kind: 'replies' }>) {
  return trailers === null ? null : headersOf(...trailers);
}

function requestOf(call: Call, { service, host, port }: ConnectionPlace, body: Buffer): UpstreamRequest {
  const { method, target, authority, fields } = call;
  const endpoint = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { service, endpoint, method, target, authority, headers: fieldsOfLines(fields), body };
}

/** Lets everything happen that is about to. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As HTTP/1.1 has it. */
class OneCall implements UpstreamConnection {
  uses = 0;
  readonly #home: ConnectionHome;
  readonly #services: FakeServices;
  #call: Call | null = null;
  #isClosed = false;

  constructor(home: ConnectionHome, services: FakeServices) {
    this.#home = home;
    this.#services = services;
  }

  get isUsable(): boolean {
    return !this.#isClosed && this.#call === null;
  }

  send(call: Call): void {
    this.uses++;
    this.#call = call;
    const served = this.#services.serve(call, this.#home, () => this.#call === call);
    void deliver(
      call,
      served.finally(() => this.#over(call)),
      this.#services,
    );
  }

  abandon(call: Call): void {
    if (this.#call === call) this.destroy();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#call = null;
    this.#home.gone(this);
  }

  #over(call: Call): void {
    if (this.#call !== call) return;
    this.#call = null;
    this.#home.idle(this);
  }
}

/** As HTTP/2 has it. */
class ManyCalls implements SharedConnection {
  uses = 0;
  isOpen = true;
  readonly #home: SharedHome;
  readonly #services: FakeServices;
  readonly #calls = new Set<Call>();

  constructor(home: SharedHome, services: FakeServices) {
    this.#home = home;
    this.#services = services;
    setImmediate(() => home.changed(this));
  }

  get room(): number {
    return this.isOpen ? MOST_STREAMS - this.#calls.size : 0;
  }

  get load(): number {
    return this.#calls.size;
  }

  send(call: Call): void {
    this.uses++;
    this.#calls.add(call);
    const served = this.#services.serve(call, this.#home, () => this.#calls.has(call));
    void deliver(
      call,
      served.finally(() => this.#over(call)),
      this.#services,
    );
  }

  abandon(call: Call): void {
    this.#over(call);
  }

  retire(): void {
    this.isOpen = false;
    this.#endIfIdle();
  }

  #over(call: Call): void {
    if (!this.#calls.delete(call)) return;
    this.#home.changed(this);
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (!this.isOpen && this.#calls.size === 0) this.#home.gone(this, null);
  }
}

const MOST_STREAMS = 100;
