import type { Headers } from '../../core/headers.ts';

/** All fields as lines of a message. */
export function fieldLines(headers: Headers): string {
  let lines = '';
  for (const [i, name] of headers.names.entries()) lines += `${name.line}${headers.values[i]}\r\n`;
  return lines;
}
