import type { Draft } from './issue.ts';
import { dotted, type Path, pointerOf } from './path.ts';

/** Files that objects of a database name although they may not. */
export interface RefusedFiles {
  /** Reports it, once; gives what stands for the path. */
  readonly refuse: (at: Path, path: string) => string;
  /** Whether nothing that a use names was refused: then it may be read. */
  readonly isAllowed: (use: { readonly at: Path }) => boolean;
}

/**
 * Whoever may write objects must not read files of the machine by that: an error message, or a reply, would show them.
 *
 * So what is refused is told here and never read.
 */
export function refusedFiles(report: (draft: Draft) => void): RefusedFiles {
  const refused = new Set<string>();
  return {
    refuse: (at, path) => {
      const pointer = pointerOf(at);
      if (refused.has(pointer)) return '';
      refused.add(pointer);
      const message = `${dotted(at)}: objects of the database may not name the file ${JSON.stringify(path)}; put it below a directory of stores.database.files`;
      report({ code: 'NOT_ALLOWED', message, path: at });
      return '';
    },
    isAllowed: ({ at }) => {
      if (refused.size === 0) return true;
      const pointer = pointerOf(at);
      return ![...refused].some((one) => one === pointer || one.startsWith(`${pointer}/`));
    },
  };
}
