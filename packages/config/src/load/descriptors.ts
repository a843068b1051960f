import { hash } from 'node:crypto';
import type { Draft, Issue } from '../issue.ts';
import { dotted, type Path, pointerOf } from '../path.ts';
import type { DescriptorUse } from '../resolve/descriptor-uses.ts';
import type { GatewayConfig } from '../resolved.ts';
import { compileProtos } from './compile-protos.ts';
import { type Files, readProblem } from './files.ts';
import { findProtos, type ProtoFiles, type WatchProtos } from './proto-files.ts';

/** The descriptors that a configuration names. */
export interface ReadDescriptors {
  /** In base64, by path or place. */
  readonly texts: GatewayConfig['documents'];
  /** What cannot be used, told where it is named. */
  readonly faults: readonly Draft[];
  /** What does not compile, told where it is. */
  readonly issues: readonly Issue[];
}

/** Reads descriptor sets, and compiles sources to them. `watch` hears of everything that is read or looked for. */
export type DescriptorReader = (
  uses: readonly DescriptorUse[],
  watch: WatchProtos,
) => Promise<ReadDescriptors>;

/** What came of the same bytes before. */
interface Result {
  readonly text: string | null;
  readonly faults: readonly Draft[];
  readonly issues: readonly Issue[];
}

/** Makes a reader of descriptors, which remembers what it made of which bytes: compiling takes a second. */
export function descriptorReader(files: Files): DescriptorReader {
  let before: ReadonlyMap<string, Result> = new Map();
  return async (uses, watch) => {
    const found = new Map<string, Result>();
    const texts: Record<string, string> = {};
    const results: Result[] = [];
    for (const use of uses) {
      const { digest, make } = await prepare(use, files, watch);
      const key = `${pointerOf(use.at)} ${digest}`;
      const result = found.get(key) ?? before.get(key) ?? (await make());
      // What is wrong with this machine, a missing compiler for one, may be mended without a change of the files.
      if (result.text !== null || result.issues.length > 0) found.set(key, result);
      results.push(result);
      if (result.text !== null) texts[use.kind === 'set' ? use.path : use.key] = result.text;
    }
    before = found;
    return {
      texts,
      faults: results.flatMap(({ faults }) => faults),
      issues: results.flatMap(({ issues }) => issues),
    };
  };
}

/** What a use depends on, and how its result is made if that is new. */
interface Prepared {
  readonly digest: string;
  readonly make: () => Promise<Result>;
}

function prepare(use: DescriptorUse, files: Files, watch: WatchProtos): Promise<Prepared> {
  return use.kind === 'set'
    ? prepareSet(use.path, use.at, { files, watch })
    : prepareProtos(use, files, watch);
}

async function prepareSet(
  path: string,
  at: Path,
  { files, watch }: { files: Files; watch: WatchProtos },
): Promise<Prepared> {
  watch.file(path);
  try {
    const bytes = await files.read(path);
    return { digest: hash('sha256', bytes), make: () => checkedSet(bytes, path, at) };
  } catch (error) {
    const message = `${dotted(at)}: the file ${path} cannot be read: ${readProblem(error)}`;
    return failed({ code: 'UNREADABLE', message, path: at });
  }
}

async function prepareProtos(
  use: DescriptorUse & { readonly kind: 'protos' },
  files: Files,
  watch: WatchProtos,
): Promise<Prepared> {
  const found = await findProtos(use, files, watch);
  if ('fault' in found) return failed(found.fault);
  const parts = Array.from(found.texts, ([name, { text }]) => `${name}\0${text}`);
  return { digest: hash('sha256', parts.join('\0')), make: () => compiled(found, use.at) };
}

function failed(fault: Draft): Prepared {
  const result = { text: null, faults: [fault], issues: [] };
  return { digest: fault.message, make: () => Promise.resolve(result) };
}

/** The library behind it is loaded only when there is something to check. */
async function checkedSet(bytes: Uint8Array, path: string, at: Path): Promise<Result> {
  const { DescriptorFault, openDescriptors } = await import('../descriptors/descriptors.ts');
  try {
    openDescriptors(bytes);
    return { text: Buffer.from(bytes).toString('base64'), faults: [], issues: [] };
  } catch (error) {
    if (!(error instanceof DescriptorFault)) throw error;
    const message = `${dotted(at)}: ${path}: ${error.message}`;
    return { text: null, faults: [{ code: 'BAD_VALUE', message, path: at }], issues: [] };
  }
}

async function compiled(found: ProtoFiles, at: Path): Promise<Result> {
  const outcome = await compileProtos(new Map(Array.from(found.texts, ([name, { text }]) => [name, text])));
  if (outcome.kind === 'compiled') return checkedSet(outcome.set, 'the compiled set', at);
  if (outcome.kind === 'failed') {
    const message = `${dotted(at)}: ${outcome.message}`;
    return { text: null, faults: [{ code: 'BAD_VALUE', message, path: at }], issues: [] };
  }
  const issues = outcome.problems.map(({ name, line, column, message }): Issue => {
    const file = found.texts.get(name)?.path ?? name;
    const hint = message.includes('does not exist')
      ? `; imports are looked for in ${found.importPaths.join(', ')}`
      : '';
    return {
      code: 'SYNTAX',
      message: `${message}${hint}`,
      file,
      line,
      column,
      pointer: pointerOf(at),
      severity: 'error',
    };
  });
  return { text: null, faults: [], issues };
}
