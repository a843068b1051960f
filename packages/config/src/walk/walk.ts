import type { Draft } from '../issue.ts';
import { dotted, type Path, pointerOf } from '../path.ts';

/** Values that came from `${env:…}` or `${file:…}`: by JSON Pointer, as they were written. */
export type References = ReadonlyMap<string, string>;

/** One pass over a document: where it is, and what it found. */
export interface Walk {
  /** Mutated while walking: one array for all, because paths are only needed when something is wrong. */
  readonly path: (string | number)[];
  readonly references: References;
  /** Names of the sections of the whole document. */
  readonly sections: readonly string[];
  /** Set while a secret is read: nothing of it is shown, however it was written. */
  readonly isSecret?: true;
  /** Reports what is wrong here; the message is completed with the place. */
  readonly report: (draft: Omit<Draft, 'path'>) => void;
}

/** Starts a pass over a document of these sections. What it finds is added to `drafts`. */
export function startWalk(references: References, drafts: Draft[], sections: readonly string[] = []): Walk {
  const path: (string | number)[] = [];
  const report: Walk['report'] = (draft) => {
    drafts.push({ ...draft, message: `${dotted(path)}: ${draft.message}`, path: [...path] });
  };
  return { path, references, sections, report };
}

/** The value at this place as it was written, if it was written as a reference. */
export function referenceAt(references: References, path: Path): string | undefined {
  return references.size === 0 ? undefined : references.get(pointerOf(path));
}

/** A value for people. What came from a reference is shown as it was written, because it may be a secret. */
export function show(value: unknown, reference?: string): string {
  if (reference !== undefined) return `the value of ${reference}`;
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = (JSON.stringify(value) ?? typeof value).replaceAll(USER_INFO, '//…@');
  const kind = typeof value === 'string' ? '' : `the ${typeof value} `;
  return kind + (text.length > 80 ? `${text.slice(0, 77)}…"` : text);
}

/** What may be a password in a URL: it is refused in most, and a message about that ends in logs. */
const USER_INFO = /\/\/[^/?#\s]*@/g;

/** The value at this place for people. Of a secret only the type is told. */
export function shownAt(walk: Walk, value: unknown): string {
  const reference = referenceAt(walk.references, walk.path);
  if (walk.isSecret !== true || reference !== undefined) return show(value, reference);
  if (typeof value === 'string') return 'this secret';
  return typeof value === 'number' || typeof value === 'boolean' ? `a ${typeof value}` : show(value);
}

/** What a value should be, and how to mend it where that can be told. */
export interface Wish {
  readonly expected: string;
  /** Ends the message. */
  readonly hint: string;
}

/** Reports that a value is not of the type that is expected. */
export function reportType(walk: Walk, value: unknown, wish: string | Wish): void {
  const { expected, hint } =
    typeof wish === 'string' ? { expected: wish, hint: quotesHint(value, wish) } : wish;
  const message = `expected ${expected}, but found ${shownAt(walk, value)}${hint}`;
  walk.report({ code: 'WRONG_TYPE', message, expected });
}

function quotesHint(value: unknown, expected: string): string {
  const isBareScalar = typeof value === 'number' || typeof value === 'boolean';
  return isBareScalar && /^(text|one line|a \w+ such|an \w+ such)/.test(expected)
    ? '; write it in quotes'
    : '';
}
