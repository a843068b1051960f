import { join } from 'node:path';
import type { GatewayConfig } from '@turnpike/config';
import type { AdminToken } from './domain/keys.ts';
import type { Log } from './domain/ports.ts';
import { readState, writeState } from './publish/state-file.ts';

/** Something that a gateway keeps on disk for a start without the database. */
export interface Kept<T> {
  /** null: there is nothing, or nothing that can be read. */
  read(): Promise<T | null>;
  write(value: T): Promise<void>;
}

/** What is kept of who may steer, beside the objects and keys. The files are for their owner only. */
export function keptCallers(
  { runtime, stores }: GatewayConfig,
  log: Log,
): { readonly tokens: Kept<readonly AdminToken[]>; readonly sessionSecret: Kept<string> } {
  // Without a database there is nothing to keep.
  if (stores.database === null) return { tokens: NOTHING, sessionSecret: NOTHING };
  const at = <T>(name: string): Kept<T> => keptAt(join(runtime.stateDirectory, name), log);
  return { tokens: at('tokens.json'), sessionSecret: at('session-secret.json') };
}

function keptAt<T>(path: string, log: Log): Kept<T> {
  const complain = (file: string, error: unknown): void =>
    log.warn('what was kept of the database cannot be read', { path: file, error });
  return {
    read: async () => (await readState<T>(path, complain))?.state ?? null,
    write: async (value) => void (await writeState(path, value)),
  };
}

const NOTHING = { read: () => Promise.resolve(null), write: () => Promise.resolve() };
