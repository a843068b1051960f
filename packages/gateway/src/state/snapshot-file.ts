import { hash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { GatewayConfig } from '@turnpike/config';
import { jsonSlices } from '@turnpike/config/load';

/** A configuration as it stands on disk. */
export interface SavedConfig {
  readonly revision: number;
  /** RFC 3339. */
  readonly savedAt: string;
  /** The files and directories that it came from. */
  readonly sources: readonly string[];
  readonly config: GatewayConfig;
}

/** The file is no snapshot, or not a whole one, or of another format. */
export class UnreadableSnapshot extends Error {
  override readonly name = 'UnreadableSnapshot';
}

/** Must be raised when `GatewayConfig` changes so that an older one would not do: older files then count as unreadable. */
const FORMAT = 8;

/** SHA-256 of what a configuration says, which tells whether it is saved already and whether it was saved whole. */
export function configDigest(configText: string): string {
  return hash('sha256', configText);
}

/**
 * Writes a snapshot so that after a crash at any moment the file is the old one or the new one, never a part: a
 * temporary file beside it, synced, renamed over it, and the directory synced. Only the owner may read it.
 */
export async function writeSnapshot(path: string, saved: SavedConfig): Promise<void> {
  const { config, ...about } = saved;
  const configText = await textOf(config);
  const head = JSON.stringify({ format: FORMAT, ...about, digest: configDigest(configText) });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${head.slice(0, -1)},"config":${configText}}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first error says more
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Health checks have their turn in between. */
async function textOf(config: GatewayConfig): Promise<string> {
  let text = '';
  for (const slice of jsonSlices(config)) {
    text += slice;
    if (slice.length > LONG_SLICE) await setImmediate();
  }
  return text;
}

const LONG_SLICE = 64 * 1024;

/** Reads a snapshot. Rejects with {@link UnreadableSnapshot} when any of it is damaged. */
export async function readSnapshot(path: string): Promise<SavedConfig> {
  const text = await readFile(path, 'utf8');
  let saved: SavedConfig & { readonly format?: unknown; readonly digest?: unknown };
  try {
    saved = JSON.parse(text);
  } catch (cause) {
    throw new UnreadableSnapshot('it is not JSON', { cause });
  }
  if (typeof saved !== 'object' || saved === null || saved.format !== FORMAT)
    throw new UnreadableSnapshot('it has another format');
  if (configDigest(JSON.stringify(saved.config) ?? '') !== saved.digest)
    throw new UnreadableSnapshot('its configuration is not what was written');
  const { revision, savedAt, sources, config } = saved;
  return { revision, savedAt, sources, config };
}

/** Makes a directory that only the owner may look into. One that is there keeps its mode. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Has the names in it be on disk, where the system can do that. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // Windows and some network file systems cannot; the rename is atomic there as well, only not yet durable.
  }
}
