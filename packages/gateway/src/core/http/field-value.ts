/** Whether a text may be the value of a field: no control bytes, one byte a character (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return text === text.trim();
}
