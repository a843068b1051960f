import { pathToFileURL } from 'node:url';
import { START } from '../source/source.ts';
import { type ParsedText, unreadable } from './parsed-text.ts';

/**
 * Imports `gateway.config.ts` (or .js, .mjs) and takes its default export, or the export named `config`.
 *
 * The hash of the content is part of the address, so that a changed file is evaluated anew and an unchanged
 * one is not: Node.js never forgets a module. What the module itself imports is not looked at again.
 */
export async function importConfig(file: string, hash: string): Promise<ParsedText> {
  try {
    const module: unknown = await import(`${pathToFileURL(file).href}?${hash}`);
    const exported = (module as { default?: unknown; config?: unknown }) ?? {};
    const value = exported.default ?? exported.config;
    if (value === undefined) return fault('it exports neither a default nor `config`');
    return { value: plainCopy(value), faults: [], keyPosition: () => START, openLocator: () => () => START };
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error));
  }
}

function fault(reason: string): ParsedText {
  return unreadable([{ code: 'SYNTAX', message: `cannot be imported: ${reason}`, position: START }]);
}

/** A configuration is data: functions and the like would be lost without a word, so they are refused. */
function plainCopy(value: unknown): unknown {
  const text = JSON.stringify(value, (key, member: unknown) => {
    if (['function', 'symbol', 'bigint'].includes(typeof member)) {
      throw new TypeError(`"${key}" is a ${typeof member}, which is not configuration`);
    }
    return member;
  });
  return JSON.parse(text);
}
