import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const FILE = 'node-id';
const ID = /^[0-9a-f-]{36}\n$/;

/**
 * The name of this gateway in the fleet, which stays over restarts. A state directory that cannot be written gives one for this
 * time only. `onProblem` hears why.
 */
export async function nodeId(stateDirectory: string, onProblem: (error: unknown) => void): Promise<string> {
  const path = join(stateDirectory, FILE);
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    return (await readId(path)) ?? (await makeId(path));
  } catch (error) {
    onProblem(error);
    return randomUUID();
  }
}

/** `null`: there is none, or what is there was never one. */
async function readId(path: string): Promise<string | null> {
  const text = await readFile(path, 'latin1').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  if (!ID.test(text)) throw new Error(`${path} does not hold the id of a gateway; remove it`);
  return text.trimEnd();
}

/** Whole or not at all; of two processes that do so at the same moment, the first one's stays. */
async function makeId(path: string): Promise<string> {
  const id = randomUUID();
  const draft = `${path}.${id}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${id}\n`);
    await file.sync();
    await link(draft, path);
    return id;
  } catch (error) {
    const other =
      error instanceof Error && 'code' in error && error.code === 'EEXIST' ? await readId(path) : null;
    if (other === null) throw error;
    return other;
  } finally {
    await file.close();
    await unlink(draft);
  }
}
