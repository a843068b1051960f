import { wholeSeconds } from '../../core/limit-fields.ts';

// Items of the fields of draft-ietf-httpapi-ratelimit-headers, which are lists of structured fields (RFC 9651).

/** A name as a String (RFC 9651 §3.3.3). The configuration only lets printable ASCII through. */
export function stringItem(name: string): string {
  return `"${name.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

/** What a limit allows: so many units in so many whole seconds. */
export function policyItem(name: string, limit: number, windowMs: number): string {
  return `${stringItem(name)};q=${limit};w=${wholeSeconds(windowMs)}`;
}
