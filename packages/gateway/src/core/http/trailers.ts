import type { Headers } from '../headers.ts';

/** Whether the sender reads trailers: `TE: trailers` (RFC 9110 §10.1.4). */
export function takesTrailers(headers: Headers): boolean {
  const list = headers.get('te');
  return list !== undefined && /(?:^|[,\t ])trailers(?:$|[,;\t ])/i.test(list);
}
