import type { PoliciesConfig } from '@turnpike/config';
import { TAKEN, UNKNOWN_LENGTH, type BodySink, type BodySource } from '../../core/body.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';

/** What the stage reaches the world through. */
export interface LimitBodyPorts {
  readonly decisions: DecisionsOf;
}

/** What may be counted as denied. */
export const LIMIT_BODY_REASONS = ['bodyBytes'] as const;

const [REASON] = LIMIT_BODY_REASONS;

/** How long a body may be. */
interface Bound {
  readonly maxBytes: number;
  /** As a path in the configuration of the route, or `''`. */
  readonly rule: string;
  /** Hears of a body that is longer, and says what is to be done. */
  exceeded(): 'refuse' | 'go on';
}

/**
 * Refuses request bodies above the limit of the route, or else of the listener, before a byte is read where the length is
 * declared, and otherwise as soon as one byte too many has come: bodies are counted on their way, never collected.
 *
 * In report mode the limit of the route is only counted, and that of the listener holds.
 */
export function limitBody(
  { bodyBytes, limitsMode }: Pick<PoliciesConfig, 'bodyBytes' | 'limitsMode'>,
  { decisions }: LimitBodyPorts,
): Wrapper {
  if (bodyBytes === null) return limited(boundOfListener);
  const count = decisions('limits');
  const bound = { maxBytes: bodyBytes, rule: 'limits.bodyBytes' };
  if (limitsMode === 'on') {
    const refused: Bound = { ...bound, exceeded: () => (count.denied(REASON), 'refuse') };
    return limited(() => refused);
  }
  const reported: Bound = { ...bound, exceeded: () => (count.reported(REASON), 'go on') };
  return (next) => limited(() => reported)(limited(boundOfListener)(next));
}

function boundOfListener({ arrival }: Exchange): Bound {
  return { maxBytes: arrival.bodyBytes, rule: '', exceeded: () => 'refuse' };
}

function limited(boundOf: (exchange: Exchange) => Bound): Wrapper {
  return (next) => (exchange) => {
    const { body } = exchange;
    if (body === null) return next(exchange);
    const bound = boundOf(exchange);
    if (body.length > bound.maxBytes && bound.exceeded() === 'refuse') {
      const { rule } = bound;
      return Promise.resolve(refuse(exchange, 'BODY_TOO_LARGE', rule === '' ? {} : { rule }));
    }
    if (typeof body !== 'string' && body.length === UNKNOWN_LENGTH) exchange.body = counted(body, bound);
    return next(exchange);
  };
}

function counted(source: BodySource, bound: Bound): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(counting(sink, source, bound)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function counting(sink: BodySink, source: BodySource, bound: Bound): BodySink {
  const { maxBytes, rule } = bound;
  let bytes = 0;
  let isCounting = true;
  return {
    write(chunk) {
      bytes += chunk.length;
      if (!isCounting || bytes <= maxBytes) return sink.write(chunk);
      isCounting = false;
      if (bound.exceeded() === 'go on') return sink.write(chunk);
      source.cancel();
      sink.fail(
        new GatewayError('BODY_TOO_LARGE', `the request body has more than ${maxBytes} bytes`, { rule }),
      );
      return TAKEN;
    },
    flush: () => sink.flush(),
    end: (trailers) => sink.end(trailers),
    fail: (error) => sink.fail(error),
  };
}
