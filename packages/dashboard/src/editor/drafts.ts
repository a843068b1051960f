import { useEffect } from 'react';
import type { JsonObject } from '../api/types.ts';

// What somebody has begun and not applied: going to another page and back loses nothing. In memory only, because there can be
// secrets in it.
const drafts = new Map<string, JsonObject>();
const MOST = 20;

/** What was begun under a key, such as that of an object and its version. */
export function draftOf(key: string): JsonObject | undefined {
  return drafts.get(key);
}

/** Keeps it; `null` forgets it. */
export function keepDraft(key: string, document: JsonObject | null): void {
  drafts.delete(key);
  if (document === null) return;
  drafts.set(key, document);
  const [oldest] = drafts.keys();
  if (drafts.size > MOST && oldest !== undefined) drafts.delete(oldest);
}

/** Keeps what is edited, and has the browser ask before the whole page is left. `null`: nothing is changed. */
export function useDraft(key: string, document: JsonObject | null): void {
  useEffect(() => {
    keepDraft(key, document);
    if (document === null) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [key, document]);
}
