const SPACE = 0x20;

/** The scheme of an `Authorization` field (RFC 9110 §11.4), in lower case; it ends with the first space. */
export function authSchemeOf(authorization: string): string {
  const space = authorization.indexOf(' ');
  return (space === -1 ? authorization : authorization.slice(0, space)).toLowerCase();
}

/** What follows the scheme, or `''`. */
export function parameterOf(authorization: string): string {
  let at = authorization.indexOf(' ');
  if (at === -1) return '';
  while (authorization.charCodeAt(at) === SPACE) at++;
  return authorization.slice(at);
}
