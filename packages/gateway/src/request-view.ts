import type { Exchange } from './core/exchange.ts';
import { PROMISED, type FieldValue, type MatchInput } from './match/match.ts';
import { askedHeaders } from './stages/cors/preflight.ts';

/** An exchange as the route table asks for it. One a thread, pointed at each exchange in turn. */
export class RequestView implements MatchInput {
  #exchange: Exchange;
  #method = '';
  /** What the request that a preflight asks about will bring. */
  #promised: readonly string[] = NONE;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  of(exchange: Exchange): this {
    this.#exchange = exchange;
    this.#method = exchange.method;
    this.#promised = NONE;
    return this;
  }

  /** The request that a preflight asks about, as far as it tells. */
  ofPreflight(exchange: Exchange, method: string): this {
    this.#exchange = exchange;
    this.#method = method;
    this.#promised = askedHeaders(exchange.headers);
    return this;
  }

  get listener(): string {
    return this.#exchange.arrival.listener;
  }

  get host(): string {
    return this.#exchange.host;
  }

  get method(): string {
    return this.#method;
  }

  get path(): string {
    return this.#exchange.path;
  }

  header(name: string): FieldValue {
    return this.#promised.includes(name) ? PROMISED : this.#exchange.headers.getList(name);
  }

  /** First value of a query parameter, decoded as a form (URL Standard §5.1). */
  queryParam(name: string): string | undefined {
    return new URLSearchParams(this.#exchange.query).get(name) ?? undefined;
  }
}

const NONE: readonly string[] = Object.freeze([]);
