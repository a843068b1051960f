import type { Headers } from '../headers.ts';

/** Whether a body is not what it is until a content coding is undone (RFC 9110 §8.4). */
export function isContentCoded(headers: Headers): boolean {
  const coding = headers.getList('content-encoding');
  return coding !== undefined && coding !== '' && coding.toLowerCase() !== 'identity';
}
