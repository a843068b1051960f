/** 1 for the characters of a token (RFC 9110 §5.6.2). */
const IS_TOKEN_CHARACTER = Uint8Array.from({ length: 256 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether the character there is one of a token: of a method, a name, a scheme. Nothing is, after the end. */
export function isTokenCharacter(text: string, at: number): boolean {
  return IS_TOKEN_CHARACTER[text.charCodeAt(at)] === 1;
}

/** Whether a text may be a method or the name of a field. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!isTokenCharacter(text, at)) return false;
  }
  return text !== '';
}
