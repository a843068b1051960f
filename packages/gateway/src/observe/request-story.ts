import type { Exchange, ToldRefusal } from '../core/exchange.ts';
import type { Log } from '../core/ports.ts';

/** Tells, at `debug`, why a request went as it did. */
export type TellRequest = (exchange: Exchange) => void;

/**
 * The entries of the program log that answer "why did this happen" for one request: what refused it, which attempts did not give the
 * answer, and why a cache stood aside. Nothing of what the request carries is in them, such as its token. Requests of which there is
 * nothing to tell cost four looks.
 */
export function requestStory(requests: Log, cache: Log): TellRequest {
  return (exchange) => {
    const { record, refusal } = exchange;
    if (refusal !== null) tellRefusal(exchange, refusal, requests);
    if (record.lost !== null || record.unretried !== '') tellAttempts(exchange, requests);
    if (record.cache === 'pass') {
      const cacheStatus = exchange.reply?.headers.get('cache-status') ?? '';
      cache.debug('the cache stood aside', { ...aboutOf(exchange), cacheStatus });
    }
  };
}

/** One entry, whether a rule refused it or something broke. */
function tellRefusal(exchange: Exchange, refusal: ToldRefusal, log: Log): void {
  const about = aboutOf(exchange);
  if (refusal.error === undefined) log.debug('a request was refused', { ...about, ...refusal });
  else log.debug('a request failed', { ...about, endpoint: exchange.record.endpoint, ...refusal });
}

function tellAttempts(exchange: Exchange, log: Log): void {
  const { lost, unretried } = exchange.record;
  for (const attempt of lost ?? [])
    log.debug('an attempt did not give the answer', { ...aboutOf(exchange), ...attempt });
  if (unretried !== '') log.debug('no other attempt was made', { ...aboutOf(exchange), reason: unretried });
}

function aboutOf({ id, trace, method, client, record }: Exchange): object {
  const { route, service } = record;
  const traced = trace === null ? null : { traceId: trace.id };
  return { requestId: id, ...traced, method, client: client.address, route, service };
}
