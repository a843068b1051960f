import { UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';

/**
 * Refuses request bodies above `maxBytes` (null: the listener's limit), before a byte is read where the length is
 * declared, and otherwise as soon as one byte too many has come: bodies are counted on their way, never collected.
 */
export function limitBody(maxBytes: number | null): Wrapper {
  return (next) => (exchange) => {
    const { body } = exchange;
    if (body === null) return next(exchange);
    const limit = maxBytes ?? exchange.arrival.bodyBytes;
    if (body.length > limit) return Promise.resolve(refuse(exchange, 'BODY_TOO_LARGE'));
    if (typeof body !== 'string' && body.length === UNKNOWN_LENGTH) exchange.body = limited(body, limit);
    return next(exchange);
  };
}

function limited(source: BodySource, limit: number): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(counting(sink, source, limit)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function counting(sink: BodySink, source: BodySource, limit: number): BodySink {
  let bytes = 0;
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes <= limit) return sink.write(chunk);
      source.cancel();
      sink.fail(new GatewayError('BODY_TOO_LARGE', `the request body has more than ${limit} bytes`));
      return 0;
    },
    flush: () => sink.flush(),
    end: (trailers) => sink.end(trailers),
    fail: (error) => sink.fail(error),
  };
}
