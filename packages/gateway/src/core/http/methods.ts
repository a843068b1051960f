/** Methods whose repetition does what one request does (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'QUERY']);

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}
