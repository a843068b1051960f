import { dirname, join } from 'node:path';
import type { Files } from './files.ts';

/** What a pattern stands for. */
export interface Expanded {
  /** The directory where the pattern begins to be one. */
  readonly base: string;
  /** In order of their names. */
  readonly paths: readonly string[];
}

const MAX_DEPTH = 16;
const MAX_PATHS = 5000;

/**
 * The files that match an absolute path with `*` (within a name) and `**` (any number of directories). Without either, the path
 * itself, there or not. Hidden files and directories match only what names them.
 */
export async function expandPattern(
  pattern: string,
  files: Files,
  watchDirectory: (path: string) => void,
): Promise<Expanded> {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => part.includes('*'));
  if (first === -1) return { base: dirname(pattern), paths: [pattern] };
  const base = parts.slice(0, first).join('/') || '/';
  const paths = new Set<string>();
  const walk = async (directory: string, rest: readonly string[], depth: number): Promise<void> => {
    const [part = '', ...more] = rest;
    if (depth > MAX_DEPTH || paths.size > MAX_PATHS) return;
    if (!part.includes('*'))
      return more.length === 0
        ? void paths.add(join(directory, part))
        : walk(join(directory, part), more, depth + 1);
    const names = await namesIn(directory, files);
    if (names === null) return;
    watchDirectory(directory);
    if (part === '**') await walk(directory, more, depth + 1);
    for (const name of names.toSorted()) {
      const path = join(directory, name);
      if (part === '**') {
        if (!name.startsWith('.')) await walk(path, rest, depth + 1);
      } else if (matches(part, name)) {
        if (more.length > 0) await walk(path, more, depth + 1);
        else paths.add(path);
      }
    }
  };
  await walk(base, parts.slice(first), 0);
  return { base, paths: [...paths] };
}

/** Null: it is no directory, or there is none. */
async function namesIn(directory: string, files: Files): Promise<readonly string[] | null> {
  try {
    return await files.list(directory);
  } catch {
    return null; // what is not there matches nothing
  }
}

/** `*` stands for any characters. The pattern is the operator's, and the pieces between are looked for from left to right. */
function matches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const pieces = pattern.split('*');
  const [head = '', ...others] = pieces;
  const tail = others.pop() ?? '';
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - tail.length;
}
