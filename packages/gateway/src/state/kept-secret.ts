import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnce } from '../identity/signing/kept-key.ts';

/** Bytes of a secret. */
const SECRET_BYTES = 32;
const TEXT = /^[0-9a-f]{64}\n$/;

/**
 * Random bytes that are kept in a file of this name, made when there is none yet, so that restarts do not change them.
 * Processes that begin at the same moment all get those of the first. Rejects when there is a file that holds something else:
 * whatever it is, it stays.
 */
export async function keptSecret(directory: string, name: string): Promise<Buffer> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, name);
  await writeOnce(path, `${randomBytes(SECRET_BYTES).toString('hex')}\n`);
  const text = await readFile(path, 'latin1');
  // The message must not quote the file.
  if (!TEXT.test(text)) throw new Error('the file does not hold a secret of ours');
  return Buffer.from(text.trimEnd(), 'hex');
}
