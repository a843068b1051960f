import { isWhole, type BodySink, type BodySource } from '../../core/body.ts';
import type { Exchange } from '../../core/exchange.ts';

/** A request before a service got it. */
export interface RequestAsItWas {
  /** Its body has been read, so that nobody else can get it. */
  readonly isSpent: boolean;
  /** What was written for one service (who is calling, say) is not for another. */
  restore(): void;
}

/** Remembers a request, and notices whether its body is read. What was kept whole meanwhile, for another attempt, is as good as before. */
export function rememberRequest(exchange: Exchange): RequestAsItWas {
  const headers = exchange.headers.share();
  const body = exchange.body;
  const watched = body === null || typeof body === 'string' ? null : new WatchedBody(body);
  if (watched !== null) exchange.body = watched;
  return {
    get isSpent() {
      return watched?.isRead === true && !isWhole(exchange.body);
    },
    restore() {
      exchange.headers = headers;
      if (watched === null) exchange.body = body;
      else if (!isWhole(exchange.body)) exchange.body = watched;
    },
  };
}

/** The same body, which knows whether somebody has begun to read it. */
class WatchedBody implements BodySource {
  readonly length: number;
  readonly #source: BodySource;
  isRead = false;

  constructor(source: BodySource) {
    this.length = source.length;
    this.#source = source;
  }

  readTo(sink: BodySink): void {
    this.isRead = true;
    this.#source.readTo(sink);
  }

  resume(): void {
    this.#source.resume();
  }

  cancel(): void {
    this.isRead = true;
    this.#source.cancel();
  }
}
