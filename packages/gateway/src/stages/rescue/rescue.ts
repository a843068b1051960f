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
  const { route, service, endpoint } = exchange.record;
  const traced = exchange.trace === null ? null : { traceId: exchange.trace.id };
  const fields = { error, code, requestId: exchange.id, ...traced, route, service, endpoint };
  if (code === 'INTERNAL') log.error('a request failed', fields);
  else if (ERRORS[code].fault !== 'client') log.debug('a request failed', fields);
  const { rule, detail } = error instanceof GatewayError ? error : { rule: '', detail: '' };
  return refuse(exchange, code, { ...(rule !== '' && { rule }), ...(detail !== '' && { detail }) });
}
