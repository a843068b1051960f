import { isTokenCharacter } from '../core/http/token.ts';

/**
 * The scheme of an `Authorization` field (RFC 9110 §11.4), in lower case: the first word in it, whatever is around. Services
 * split the field at tabs, commas and non-breaking spaces too, so what one of them may take for a scheme is one here.
 */
export function authSchemeOf(authorization: string): string {
  // As nearly all of them begin: no text has to be made, and compared, for each request.
  if (authorization.startsWith('Bearer ')) return 'bearer';
  let start = 0;
  while (start < authorization.length && !isTokenCharacter(authorization, start)) start++;
  let end = start;
  while (isTokenCharacter(authorization, end)) end++;
  return authorization.slice(start, end).toLowerCase();
}

/** Whether the field begins with this scheme and a space, as it should. */
export function hasScheme(authorization: string, scheme: string): boolean {
  return authorization.slice(0, scheme.length + 1).toLowerCase() === `${scheme} `;
}

/** What follows the scheme and its spaces, or `''`. */
export function parameterOf(authorization: string, scheme: string): string {
  if (!hasScheme(authorization, scheme)) return '';
  let at = scheme.length;
  while (authorization.startsWith(' ', at)) at++;
  return authorization.slice(at);
}
