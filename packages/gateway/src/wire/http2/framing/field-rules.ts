/** What connections of HTTP/1.1 are told in fields, HTTP/2 has frames for (RFC 9113 §8.2.2). */
const FORBIDDEN = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Whether a message of HTTP/2 with this field is malformed (RFC 9113 §8.2.2). */
export function isConnectionSpecific(lower: string, value: string): boolean {
  return FORBIDDEN.has(lower) || (lower === 'te' && value.toLowerCase() !== 'trailers');
}

/** Whether a field section may end a message: trailers have no pseudo-header fields (RFC 9113 §8.1). */
export function mayBeTrailers(pairs: readonly string[]): boolean {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (name.startsWith(':') || isConnectionSpecific(name, pairs[i + 1] ?? '')) return false;
  }
  return true;
}
