import type { Exchange } from './core/exchange.ts';
import type { MatchInput } from './match/match.ts';

/** An exchange as the route table asks for it. One a thread, pointed at each exchange in turn. */
export class RequestView implements MatchInput {
  #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  of(exchange: Exchange): this {
    this.#exchange = exchange;
    return this;
  }

  get listener(): string {
    return this.#exchange.arrival.listener;
  }

  get host(): string {
    return this.#exchange.host;
  }

  get method(): string {
    return this.#exchange.method;
  }

  get path(): string {
    return this.#exchange.path;
  }

  header(name: string): string | undefined {
    return this.#exchange.headers.getList(name);
  }

  /** First value of a query parameter, decoded as a form (URL Standard §5.1). */
  queryParam(name: string): string | undefined {
    return new URLSearchParams(this.#exchange.query).get(name) ?? undefined;
  }
}
