import type { CorsConfig } from '@turnpike/config';
import type { Reply } from '../../core/exchange.ts';
import { headerName, type HeaderName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';
import { varyBy } from '../../core/http/vary.ts';
import type { OriginGrant } from './origin-grant.ts';

const EXPOSE_HEADERS = headerName('Access-Control-Expose-Headers');
const PREFIX = 'access-control-';

/** What replies are given. */
export interface OpeningPlan {
  readonly isAllowed: (origin: string) => boolean;
  readonly grant: OriginGrant;
}

/**
 * Makes what opens the reply to a request of this origin (null: it names none) to scripts. The service's own fields go: a
 * second `Access-Control-Allow-Origin` would close the reply, and one for others would open it to whom the route does not.
 *
 * Every reply says that it varies by origin, also to requests without one: a cache would otherwise keep a reply without these
 * fields for those that need them (Fetch, "CORS protocol and HTTP caches"). Where everybody may come, every reply is opened
 * instead, and caches keep one.
 */
export function openedReply(
  { origins, exposeHeaders }: CorsConfig,
  { isAllowed, grant }: OpeningPlan,
): (reply: Reply, origin: string | null) => Reply {
  const isForAll = origins.includes('*');
  const exposed = exposeHeaders.join(', ');
  const varyByOrigin = varyBy('Origin');

  return (reply, origin) => {
    if (reply.tunnel !== null) return reply;
    const headers = reply.headers.share();
    dropCorsFields(headers);
    if (!isForAll) varyByOrigin(headers);
    if (isForAll || (origin !== null && isAllowed(origin))) {
      grant(headers, origin ?? '');
      if (exposed !== '') headers.appendNamed(EXPOSE_HEADERS, exposed);
    }
    return { ...reply, headers };
  };
}

function dropCorsFields(headers: Headers): void {
  if (!headers.names.some(isCorsField)) return;
  for (const { lower } of headers.names.filter(isCorsField)) headers.delete(lower);
}

function isCorsField({ lower }: HeaderName): boolean {
  return lower.startsWith(PREFIX);
}
