import type { Exchange, Reply } from './exchange.ts';
import { refuse } from './problem.ts';
import type { Random } from './random.ts';

/** Registered by draft-ietf-httpapi-ratelimit-headers: the trouble is ours, and not that the client asked too often. */
const REDUCED_CAPACITY = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity';

/** What has too much to do. */
export type Overloaded = 'OVERLOADED' | 'GATEWAY_OVERLOADED';

/** Sends an exchange away because there is too much to do; `rule` is what in the configuration decided that. */
export function shed(exchange: Exchange, code: Overloaded, rule: string, random: Random): Reply {
  // Not the same for all, or they would all come back at once.
  const seconds = 1 + random.below(MOST_SECONDS);
  return refuse(exchange, code, {
    rule,
    type: REDUCED_CAPACITY,
    fields: [['Retry-After', String(seconds)]],
  });
}

const MOST_SECONDS = 3;
