import type { Facts, IdentityFacts, JsonRecord, Lookup, RequestFacts } from '@turnpike/config/expression';
import { certificateDigest, clientCertificateDer } from '../../core/client-certificate.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';

/** What is the same for all requests of a route. */
export interface RouteFacts {
  readonly route: string;
  /** Names of the path's parameters, in the order of their values. */
  readonly names: readonly string[];
}

/** An exchange as expressions see it. One a request, and nothing in it is worked out before it is asked for. */
export class ExchangeFacts implements Facts, RequestFacts {
  readonly #exchange: Exchange;
  readonly #plan: RouteFacts;
  readonly #clock: Clock;

  constructor(exchange: Exchange, plan: RouteFacts, clock: Clock) {
    this.#exchange = exchange;
    this.#plan = plan;
    this.#clock = clock;
  }

  get request(): RequestFacts {
    return this;
  }

  get identity(): IdentityFacts | null {
    return this.#exchange.identity;
  }

  get route(): string {
    return this.#plan.route;
  }

  get now(): number {
    return this.#clock.epoch();
  }

  get id(): string {
    return this.#exchange.id;
  }

  get method(): string {
    return this.#exchange.method;
  }

  get path(): string {
    return this.#exchange.path;
  }

  get host(): string {
    return this.#exchange.host;
  }

  get scheme(): 'http' | 'https' {
    return this.#exchange.arrival.scheme;
  }

  get client(): string {
    return this.#exchange.client.address;
  }

  get listener(): string {
    return this.#exchange.arrival.listener;
  }

  get certificate(): string {
    const der = clientCertificateDer(this.#exchange);
    return der === null ? '' : certificateDigest(der);
  }

  get graphql(): JsonRecord {
    const { operation } = this.#exchange;
    return operation === null ? {} : { ...operation };
  }

  get headers(): Lookup {
    const { headers } = this.#exchange;
    return {
      get: (name) => headers.getList(name),
      names: () => [...new Set(headers.names.map(({ lower }) => lower))],
    };
  }

  get query(): Lookup {
    const parameters = new URLSearchParams(this.#exchange.query);
    return {
      get: (name) => parameters.get(name) ?? undefined,
      names: () => [...new Set(parameters.keys())],
    };
  }

  get params(): Lookup {
    const { names } = this.#plan;
    const { params } = this.#exchange;
    return {
      get: (name) => {
        const value = params[names.indexOf(name)];
        return value === undefined ? undefined : decodeURIComponent(value);
      },
      names: () => names,
    };
  }
}
