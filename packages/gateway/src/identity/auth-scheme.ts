/** 1 for the characters of a scheme (RFC 9110 §5.6.2). */
const IS_SCHEME_CHARACTER = Uint8Array.from({ length: 256 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/**
 * The scheme of an `Authorization` field (RFC 9110 §11.4), in lower case: the first word in it, whatever is around. Services
 * split the field at tabs, commas and non-breaking spaces too, so what one of them may take for a scheme is one here.
 */
export function authSchemeOf(authorization: string): string {
  let start = 0;
  while (start < authorization.length && !isSchemeCharacter(authorization, start)) start++;
  let end = start;
  while (isSchemeCharacter(authorization, end)) end++;
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

function isSchemeCharacter(text: string, at: number): boolean {
  return IS_SCHEME_CHARACTER[text.charCodeAt(at)] === 1;
}
