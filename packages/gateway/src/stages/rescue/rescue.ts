import { ERRORS, GatewayError } from '../../core/errors.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Log } from '../../core/ports.ts';
import { refuse } from '../../core/problem.ts';

/** Turns what breaks inside into a reply: the one place where exceptions of a request end. */
export function rescue(log: Log): Wrapper {
  return (next) => (exchange) => {
    const failed = (error: unknown): Reply => failure(exchange, error, log);
    try {
      return next(exchange).then(undefined, failed);
    } catch (error) {
      return Promise.resolve(failed(error));
    }
  };
}

function failure(exchange: Exchange, error: unknown, log: Log): Reply {
  const code = error instanceof GatewayError ? error.code : 'INTERNAL';
  const { rule, detail } = error instanceof GatewayError ? error : { rule: '', detail: '' };
  const reply = refuse(exchange, code, { ...(rule !== '' && { rule }), ...(detail !== '' && { detail }) });
  if (code === 'INTERNAL') tell(exchange, error, log);
  // Everything else is told with what led to it, when the exchange is over.
  else if (ERRORS[code].fault !== 'client') exchange.refusal = { code, rule, detail, error };
  return reply;
}

/** A fault of ours, which is told at once and whatever the level is. */
function tell(exchange: Exchange, error: unknown, log: Log): void {
  const { id: requestId, trace, record } = exchange;
  const { route, service, endpoint } = record;
  const traced = trace === null ? null : { traceId: trace.id };
  log.error('a request failed', { error, code: 'INTERNAL', requestId, ...traced, route, service, endpoint });
  exchange.refusal = null;
}
