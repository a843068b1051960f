import type { Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';

/** Sends a browser on to another page with a GET (RFC 9110 §15.4.4), and changes its cookies. */
export function seeOther(location: string, cookies: readonly string[]): Reply {
  const headers = headersOf(['Location', location], ['Cache-Control', 'no-store']);
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  return { status: 303, headers, body: '', code: '', tunnel: null };
}
