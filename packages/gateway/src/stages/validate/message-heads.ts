import type { Head } from '@turnpike/config/validation';
import type { Exchange } from '../../core/exchange.ts';
import type { Headers } from '../../core/headers.ts';
import { cookieValues } from '../../core/http/cookies.ts';

/** The head of a request, as descriptions look at it. Credentials that were taken out of it are not in it. */
export class RequestHead implements Head {
  readonly params: readonly string[];
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, params: readonly string[]) {
    this.#exchange = exchange;
    this.params = params;
  }

  get query(): string {
    return this.#exchange.targetQuery;
  }

  header(name: string): string | undefined {
    return this.#exchange.headers.getList(name);
  }

  cookies(name: string): readonly string[] {
    return cookieValues(this.#exchange.headers, name);
  }
}

const NONE: readonly string[] = [];

/** The head of a response, of which descriptions know only the fields. */
export class ResponseHead implements Head {
  readonly params = NONE;
  readonly query = '';
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  header(name: string): string | undefined {
    return this.#headers.getList(name);
  }

  cookies(): readonly string[] {
    return NONE;
  }
}
