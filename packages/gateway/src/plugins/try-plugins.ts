import { Worker } from 'node:worker_threads';
import type { TryPlugins } from '@turnpike/config/load';
import type { FoundInPlugin, PluginFault, TriedPlugin, UsedPlugin } from './try-plugin.ts';

/** What the thread that tries plugins begins with. */
export interface TryStart {
  readonly uses: readonly UsedPlugin[];
  readonly texts: Parameters<TryPlugins>[1];
}

/** All plugins together must be ready within that time. */
const PATIENCE_MS = 10_000;
/** More memory than any plugin needs to begin with. */
const HEAP_MB = 256;

/**
 * Makes a check of plugins for the loader of configurations: each is loaded and made ready in a thread that ends with that, so
 * a plugin that breaks, hangs or eats memory is an issue, and nothing else. What was tried before is known.
 */
export function pluginTrial(patienceMs = PATIENCE_MS): TryPlugins {
  let before: ReadonlyMap<string, FoundInPlugin> = new Map();

  return async (uses, texts) => {
    const keys = uses.map(keyOf);
    const unknown = uses.filter((_, index) => !before.has(keys[index] ?? ''));
    const tried = await tryInThread({ uses: unknown.map(plain), texts }, patienceMs);
    const found = new Map(unknown.map((use, index) => [keyOf(use), tried[index] ?? NOT_TRIED]));
    const all = keys.map((key) => found.get(key) ?? before.get(key) ?? NOT_TRIED);
    before = new Map(keys.map((key, index) => [key, all[index] ?? NOT_TRIED]));
    return {
      faults: uses.flatMap((use, index) => (all[index]?.faults ?? []).map((fault) => draftOf(fault, use))),
      facts: Object.fromEntries(
        uses.map(({ file }, index) => {
          const { name, slot } = all[index] ?? NOT_TRIED;
          return [file, { name, slot }];
        }),
      ),
    };
  };
}

/** It comes to its turn when the one before it is mended. */
const NOT_TRIED: FoundInPlugin = { name: '', slot: '', faults: [] };

type Use = Parameters<TryPlugins>[0][number];
type Draft = Awaited<ReturnType<TryPlugins>>['faults'][number];

function keyOf(use: Use): string {
  return JSON.stringify(plain(use));
}

function plain({ file, digest, with: config, route }: Use): UsedPlugin {
  return { file, digest, with: config, route };
}

/** What is wrong with each, in their order. */
async function tryInThread(start: TryStart, patienceMs: number): Promise<FoundInPlugin[]> {
  if (start.uses.length === 0) return [];
  const found: FoundInPlugin[] = [];
  const worker = new Worker(new URL(import.meta.resolve('#try-thread')), {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    // What a plugin prints is not for the output of a command.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let begun = 0;
  const problem = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(`is not ready after ${patienceMs} ms`), patienceMs);
    const end = (reason: string | null): void => {
      clearTimeout(timer);
      resolve(reason);
    };
    worker.on('message', ({ index, found: one }: TriedPlugin) => {
      begun = index;
      if (one !== null) found[index] = one;
      if (found.length === start.uses.length) end(null);
    });
    worker.on('error', (error: Error) => end(`ends the thread: ${error.message}`));
    worker.on('exit', () => end('ends the process while it is loaded'));
  });
  await worker.terminate();
  if (problem === null || found[begun] !== undefined) return found;
  const { file } = start.uses[begun] ?? { file: '' };
  const fault: PluginFault = { at: 'use', pointer: '', message: `${file} ${problem}` };
  found[begun] = { ...NOT_TRIED, faults: [fault] };
  return found;
}

function draftOf({ at, pointer, message }: PluginFault, { at: entry }: Use): Draft {
  const path = [...entry, at, ...partsOf(pointer)];
  const code = at === 'use' && /cannot be read|is no plugin/.test(message) ? 'SYNTAX' : 'BAD_VALUE';
  return { code, message, path };
}

/** RFC 6901. A position in a list is a number. */
function partsOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}
