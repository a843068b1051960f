/**
 * For our own pages only: never over plain http, never to scripts, and of other sites' requests only with those that lead
 * to a page here. With `Path=/` and no `Domain`, browsers let nobody else set a name that begins with `__Host-`.
 */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** Value of `Set-Cookie` for a cookie that lasts as long as the browser runs, or `maxAgeSeconds`. */
export function setCookie(name: string, value: string, maxAgeSeconds: number | null = null): string {
  const expiry = maxAgeSeconds === null ? '' : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${value}; ${ATTRIBUTES}${expiry}`;
}

/** Value of `Set-Cookie` that makes the browser forget it. */
export function expireCookie(name: string): string {
  return setCookie(name, '', 0);
}
