import { FRAMING, HOP_BY_HOP } from '../../core/header-names.ts';
import type { Headers } from '../../core/headers.ts';

const NOT_OURS_TO_COPY = FRAMING | HOP_BY_HOP;

/**
 * The end-to-end fields of a message as lines. Framing and hop-by-hop fields are left out: every head that goes on gets
 * its own (RFC 9110 §7.6.1).
 */
export function endToEndLines(headers: Headers, alsoWithout: number): string {
  const { names, values } = headers;
  const without = NOT_OURS_TO_COPY | alsoWithout;
  let lines = '';
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === undefined || (name.flags & without) !== 0) continue;
    lines += name.line + values[i] + '\r\n';
  }
  return lines;
}

/** All fields as lines. */
export function fieldLines(headers: Headers): string {
  let lines = '';
  for (const [i, name] of headers.names.entries()) lines += `${name.line}${headers.values[i]}\r\n`;
  return lines;
}
