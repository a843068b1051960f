import { useEffect } from 'react';
import type { JsonObject } from '../api/types.ts';
import { type Shape, withoutSecrets } from './shape.ts';

// What somebody has begun and not applied: neither going to another page and back nor loading the page again loses it. In the storage
// of the tab there are no secrets; those are in memory only.

/** Something begun, and of which version. */
export interface Draft {
  readonly name: string;
  readonly etag: string | null;
  /** As it was; null: it is new. */
  readonly base: JsonObject | null;
  readonly document: JsonObject;
}

/** A draft that was found again. */
export interface FoundDraft extends Draft {
  /** Whether it was in the storage, and so without secrets. */
  readonly isRestored: boolean;
}

const drafts = new Map<string, Draft>();
const MOST = 20;
const PREFIX = 'turnpike.draft.';
/** As much as one may have in the storage; there is room for a few megabytes in all. */
const MOST_CHARACTERS = 300_000;

/** What was begun under a key, such as that of an object. */
export function draftOf(key: string): FoundDraft | undefined {
  const own = drafts.get(key);
  if (own !== undefined) return { ...own, isRestored: false };
  const stored = inStorage((storage) => storage.getItem(PREFIX + key));
  return stored ? { ...(JSON.parse(stored) as Draft), isRestored: true } : undefined;
}

/** Keeps it, in a storage without what its shape says is secret. */
export function keepDraft(key: string, draft: Draft, shape: Shape): void {
  forgetDraft(key);
  drafts.set(key, draft);
  const [oldest] = drafts.keys();
  if (drafts.size > MOST && oldest !== undefined) forgetDraft(oldest);
  const text = JSON.stringify({ ...draft, document: withoutSecrets(shape, draft.document) });
  if (text.length <= MOST_CHARACTERS) inStorage((storage) => storage.setItem(PREFIX + key, text));
}

/** It was applied, or is not wanted any more. */
export function forgetDraft(key: string): void {
  drafts.delete(key);
  inStorage((storage) => storage.removeItem(PREFIX + key));
}

/** Whoever sits here next shall not see them. */
export function forgetDrafts(): void {
  drafts.clear();
  inStorage((storage) => {
    for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
  });
}

/** It can be forbidden or full; then a draft lives as long as the page. */
function inStorage<T>(use: (storage: Storage) => T): T | null {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}

/** Keeps what is edited, and has the browser ask before the whole page is left. `null`: nothing is changed. */
export function useDraft(key: string, draft: Draft | null, shape: Shape): void {
  useEffect(() => {
    if (draft === null) {
      forgetDraft(key);
      return undefined;
    }
    keepDraft(key, draft, shape);
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [key, draft, shape]);
}
