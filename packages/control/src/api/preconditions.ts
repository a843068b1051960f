import { problem, type Reply } from './problems.ts';

/** The ETag of what a revision wrote last (RFC 9110 §8.8.3). */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

type Header = (name: string) => string | undefined;

/** Header fields of operations that check what the caller believes there is. */
export const CONDITIONS = {
  'If-Match':
    'ETag of what you have seen: if it is another by now, nothing happens (412). `*`: it must be there.',
  'If-None-Match': '`*`: it must not be there yet, or nothing happens (412).',
};

/** Header fields of operations that check whether anything was changed. */
export const HEAD_CONDITION = {
  'If-Match':
    'ETag of the newest revision that you have seen: if there is another by now, nothing happens (412).',
};

/** Header fields of operations that read. */
export const READ_CONDITIONS = { 'If-None-Match': 'ETag of what you have: 304 if it still is that.' };

/** Refuses a change if what is there is not what the caller believes (RFC 9110 §13.1); `etag` null: nothing is there. */
export function unmet(header: Header, etag: string | null): Reply | null {
  const wanted = header('if-match');
  if (wanted !== undefined && !names(wanted, etag)) return failed(etag);
  const unwanted = header('if-none-match');
  if (unwanted !== undefined && names(unwanted, etag)) return failed(etag);
  return null;
}

/** Whether a reader has it already (RFC 9110 §13.1.2). */
export function isKnown(header: Header, etag: string): boolean {
  const known = header('if-none-match');
  return known !== undefined && names(known, etag);
}

/** Compares strongly for `If-Match` too, because none of ours is weak; a proxy may have marked one. */
function names(list: string, etag: string | null): boolean {
  if (etag === null) return false;
  return list.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}

function failed(etag: string | null): Reply {
  const detail = etag === null ? 'there is no such thing' : `it is at ${etag}`;
  return problem('PRECONDITION_FAILED', { detail }, etag === null ? {} : { ETag: etag });
}
