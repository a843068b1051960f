import type { Exchange, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';

// Cookies that are for the one who asked, and are never stored.

/** What the service itself has said: without the cookies by which we bind the one who asked. */
export function withoutOwnCookies(reply: Reply, { ownCookies }: Exchange): Reply {
  if (ownCookies.length === 0) return reply;
  const headers = new Headers();
  for (const [i, name] of reply.headers.names.entries()) {
    const value = reply.headers.values[i] ?? '';
    if (name.lower !== 'set-cookie' || !ownCookies.includes(value)) headers.appendNamed(name, value);
  }
  return { ...reply, headers };
}

/** With those again, for the one who asked. */
export function withOwnCookies(headers: Headers, { ownCookies }: Exchange): Headers {
  if (ownCookies.length === 0) return headers;
  const fields = headers.share();
  for (const cookie of ownCookies) fields.append('Set-Cookie', cookie);
  return fields;
}

/** The fields that are stored, with the cookies of the service that are not. */
export function withCookies(stored: Headers, { names, values }: Headers): Headers {
  const fields = stored.share();
  for (const [i, name] of names.entries()) {
    if (name.lower === 'set-cookie' && !stored.has('set-cookie')) fields.appendNamed(name, values[i] ?? '');
  }
  return fields;
}
