/**
 * A text without the spaces and tabs around it, in linear time: an expression such as `/[ \t]+$/` takes a second for 8 KiB of them
 * in the middle. `String.trim` would take characters of other alphabets, which here are bytes.
 */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** Whether it is a space or a tab (RFC 9110 §5.6.3). */
export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
