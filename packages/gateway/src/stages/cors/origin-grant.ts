import type { CorsConfig } from '@turnpike/config';
import { headerName } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';

const ALLOW_ORIGIN = headerName('Access-Control-Allow-Origin');
const ALLOW_CREDENTIALS = headerName('Access-Control-Allow-Credentials');

/** Writes that a reply is for scripts of an origin that is allowed. */
export type OriginGrant = (headers: Headers, origin: string) => void;

/**
 * Makes what writes it. `*` never goes with credentials: browsers refuse that, and to name whoever asks instead would open
 * the service to every site that its users visit.
 */
export function originGrant({ origins, credentials }: CorsConfig): OriginGrant {
  if (origins.includes('*')) return (headers) => headers.appendNamed(ALLOW_ORIGIN, '*');
  return (headers, origin) => {
    headers.appendNamed(ALLOW_ORIGIN, origin);
    if (credentials) headers.appendNamed(ALLOW_CREDENTIALS, 'true');
  };
}
