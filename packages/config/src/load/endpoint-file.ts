import { extname } from 'node:path';
import { type EndpointEntry, readEndpointEntry } from '../format/endpoint-entry.ts';
import type { Path } from '../path.ts';
import { parseJson } from './json.ts';
import type { ParsedText } from './parsed-text.ts';
import { parseYaml } from './yaml.ts';

/** A file of endpoints that was understood, or the first thing that is wrong with it, and where. */
export type ReadEndpointFile =
  | { readonly ok: true; readonly endpoints: readonly EndpointEntry[] }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a list of endpoints in YAML or, by the name of the file, JSON: URLs, or objects with a `url`. All or nothing, because a
 * file with a broken entry was most likely saved too early. Never throws.
 */
export function readEndpointFile(path: string, text: string): ReadEndpointFile {
  const parsed = extname(path) === '.json' ? parseJson(text) : parseYaml(text);
  const [fault] = parsed.faults;
  if (fault !== undefined) return refused(`line ${fault.position.line}: ${fault.message}`);
  if (!Array.isArray(parsed.value)) return refused('line 1: it is not a list of endpoints');
  const endpoints: EndpointEntry[] = [];
  for (const [index, item] of parsed.value.entries()) {
    const read = readEndpointEntry(item);
    if (!read.ok) return refused(located(parsed, index, read.faults[0]));
    endpoints.push(read.value);
  }
  return { ok: true, endpoints };
}

function located(
  parsed: ParsedText,
  index: number,
  fault: { readonly member: string; readonly problem: string } | undefined,
): string {
  const { member, problem } = fault ?? { member: '', problem: 'is malformed' };
  const path: Path = member === '' ? [index] : [index, member];
  const { line } = parsed.openLocator()(path, 'value');
  return `line ${line}: ${member === '' ? 'the endpoint' : `\`${member}\``} ${problem}`;
}

function refused(problem: string): ReadEndpointFile {
  return { ok: false, problem };
}
