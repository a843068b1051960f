import { createHash } from 'node:crypto';
import { answer, problem, type Reply } from './problems.ts';

/** The ETag of what a revision wrote last (RFC 9110 §8.8.3). */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** The ETag of something that has no number: another one for each content. */
export function contentTag(content: object): string {
  return `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}"`;
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

/** What answers say that have one. */
export const TAGGED = { ETag: 'Its version.' };

/** Refuses a change if what is there is not what the caller believes (RFC 9110 §13.1); `etag` null: nothing is there. */
export function unmet(header: Header, etag: string | null): Reply | null {
  const wanted = header('if-match');
  if (wanted !== undefined && !names(wanted, etag)) return failed(etag);
  const unwanted = header('if-none-match');
  if (unwanted !== undefined && names(unwanted, etag)) return failed(etag);
  return null;
}

/** What a caller believes of something, held against what is there in the moment of a change. */
export interface Belief<T> {
  readonly isTrue: (now: T | null) => boolean;
  /** The refusal that came of it; null: there was none. */
  readonly refusal: () => Reply | null;
}

/** For who may be changed by others between a look and a change. */
export function beliefOf<T>(header: Header, tagOf: (now: T) => string): Belief<T> {
  let refusal: Reply | null = null;
  return {
    isTrue(now) {
      refusal = unmet(header, now === null ? null : tagOf(now));
      return refusal === null;
    },
    refusal: () => refusal,
  };
}

/** Something to read, or that the reader has it already. */
export function answerTagged(header: Header, body: object, etag: string): Reply {
  if (isKnown(header, etag)) return { status: 304, headers: { ETag: etag }, body: undefined };
  return answer(200, body, { ETag: etag });
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
