import { parse, stringify } from 'yaml';
import type { Json } from '../api/types.ts';

// The only file that knows YAML; it is loaded with the editor and not before.

/** How a document is written. */
export type Notation = 'yaml' | 'json';

/** A document as text. */
export function written(document: Json, notation: Notation): string {
  return notation === 'json'
    ? `${JSON.stringify(document, null, 2)}\n`
    : stringify(document, { lineWidth: 100 });
}

/** A text as a document, or why it is none. */
export function readText(
  text: string,
  notation: Notation,
): { readonly ok: true; readonly document: Json } | { readonly ok: false; readonly problem: string } {
  try {
    // A document of a few lines has no use for many aliases; a bomb has.
    const document =
      notation === 'json' ? (JSON.parse(text) as Json) : (parse(text, { maxAliasCount: 50 }) as Json);
    return { ok: true, document };
  } catch (error) {
    return {
      ok: false,
      problem: error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'It cannot be read',
    };
  }
}
