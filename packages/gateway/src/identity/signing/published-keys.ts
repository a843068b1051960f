import type { Jwk, NewsStand, SigningNews } from '../../core/desk.ts';
import type { Handler } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Clock } from '../../core/ports.ts';
import { refuse } from '../../core/problem.ts';
import { publicHalf } from './signing-key.ts';

/** Public keys (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** The media type of a {@link JwkSet}, and how long services may go without asking again. */
export const JWK_SET_FIELDS = [
  ['Content-Type', 'application/jwk-set+json'],
  ['Cache-Control', 'public, max-age=300'],
] as const;

/** The public keys of now: the one that signs, and those that still have to be known. */
export function publishedKeys(news: SigningNews | null, nowMs: number): JwkSet {
  if (news === null) return { keys: [] };
  const retired = news.retired.filter(({ untilMs }) => untilMs > nowMs);
  return { keys: [publicHalf(news.key), ...retired.map(({ key }) => key)] };
}

/** Answers services that want to verify what we sign. */
export function publishKeys(news: NewsStand, clock: Clock): Handler {
  return (exchange) => {
    const latest = news.latest('signing-key', '');
    if (latest === null) return Promise.resolve(refuse(exchange, 'CREDENTIALS_UNAVAILABLE'));
    const body = JSON.stringify(publishedKeys(latest, clock.epoch()));
    return Promise.resolve({
      status: 200,
      headers: headersOf(...JWK_SET_FIELDS),
      body,
      code: '',
      tunnel: null,
    });
  };
}
