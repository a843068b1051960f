import { pathToFileURL } from 'node:url';
import type { Position } from '../issue.ts';
import { START } from '../source/source.ts';
import { type ParsedText, unreadable } from './parsed-text.ts';

/**
 * Imports `gateway.config.ts` (or .js, .mjs) and takes its default export, or the export named `config`.
 *
 * The hash of the content is part of the address, so that a changed file is evaluated anew and an unchanged
 * one is not: Node.js never forgets a module. What the module itself imports is not looked at again.
 */
export async function importConfig(file: string, hash: string): Promise<ParsedText> {
  const { href } = pathToFileURL(file);
  try {
    const module: unknown = await settled(import(`${href}?${hash}`));
    const exported = (module as { default?: unknown; config?: unknown }) ?? {};
    const value = exported.default ?? exported.config;
    if (value === undefined)
      return fault('it exports neither a default nor `config`; write export default defineConfig({ … })');
    return { value: plainCopy(value), faults: [], keyPosition: () => START, openLocator: () => () => START };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(reason, placeIn([href, file], error));
  }
}

/** How long a module may take; one that waits for ever would keep the reload waiting, or end a command without a word. */
const LONGEST_IMPORT_MS = 30_000;

async function settled<T>(module: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const problem = `it has not finished after ${LONGEST_IMPORT_MS / 1000} s; what does it wait for?`;
  const timer = setTimeout(() => reject(new Error(problem)), LONGEST_IMPORT_MS);
  try {
    return await Promise.race([module, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function fault(reason: string, position: Position = START): ParsedText {
  return unreadable([{ code: 'SYNTAX', message: `cannot be imported: ${reason}`, position }]);
}

/** Where in the file an error was thrown, or where its syntax is wrong, as far as the stack tells. */
function placeIn(names: readonly string[], error: unknown): Position {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const name = names.find((one) => line.includes(one));
    if (name === undefined) continue;
    const [, row, column] =
      /^[^:\s]*:(\d+)(?::(\d+))?/.exec(line.slice(line.indexOf(name) + name.length)) ?? [];
    if (row !== undefined) return { line: Number(row), column: Number(column ?? 1) };
  }
  return START;
}

/** A configuration is data: functions and the like would be lost without a word, so they are refused. */
function plainCopy(value: unknown): unknown {
  const open: unknown[] = [];
  const text = JSON.stringify(value, function (this: unknown, key, member: unknown) {
    while (open.length > 0 && open.at(-1) !== this) open.pop();
    const place = key === '' ? 'what it exports' : `"${key}"`;
    if (['function', 'symbol', 'bigint'].includes(typeof member)) {
      throw new TypeError(`${place} is a ${typeof member}, which is not configuration`);
    }
    if (open.includes(member)) throw new TypeError(`${place} contains itself; configuration is a tree`);
    if (typeof member === 'object' && member !== null) open.push(member);
    return member;
  });
  return JSON.parse(text);
}
