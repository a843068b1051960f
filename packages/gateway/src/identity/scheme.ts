import type { Exchange } from '../core/exchange.ts';
import type { Authentication, Identity } from '../core/identity.ts';

/** One way to prove who is calling, on one route. */
export interface Scheme {
  /** Values of `WWW-Authenticate` that offer it; none where HTTP has no word for it. */
  readonly challenges: readonly string[];
  /** Who is calling, if these credentials were proven before and nothing has to be waited for; else null. */
  recall(exchange: Exchange): Identity | null;
  /** Looks at the credentials of this kind that the request carries. Rejects only for faults of ours. */
  authenticate(exchange: Exchange): Promise<Authentication>;
}

/** A scheme that can tell at once whether a request has credentials for it. */
export interface CarriedScheme extends Scheme {
  isCarried(exchange: Exchange): boolean;
}
