import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { sqlitePath } from './sqlite/sqlite-path.ts';
import { type RotatingSealer, sealer } from './sealing.ts';

const KEY_BYTES = 32;
const TEXT = /^[0-9a-f]{64}\n$/;

/**
 * What seals the secrets of a database. A SQLite file without keys in the configuration has its own in a file beside it, which
 * is made when the first secret comes, and which goes on to open what it has sealed when there are keys.
 */
export function openSealer({
  url,
  keys,
}: {
  readonly url: string;
  readonly keys: readonly string[];
}): RotatingSealer {
  const path = sqlitePath(url);
  if (path === null) return sealer(keys);
  const keyFile = `${path}.key`;
  let known = sealer(keys);
  let isFound = false;
  /** Another process may make the file at any time, but only once. */
  const current = (): RotatingSealer => {
    const kept = isFound ? null : readKey(keyFile);
    if (kept === null) return known;
    isFound = true;
    return (known = sealer([...keys, kept]));
  };
  return {
    seal(text, place) {
      if (keys.length === 0 && !isFound && readKey(keyFile) === null) makeKey(keyFile);
      return current().seal(text, place);
    },
    open: (sealed, place) => current().open(sealed, place),
    isSealed: (text) => known.isSealed(text),
    isCurrent: (sealed) => current().isCurrent(sealed),
  };
}

function readKey(path: string): string | null {
  try {
    const text = readFileSync(path, 'latin1');
    // The message must not quote the file.
    if (!TEXT.test(text)) throw new Error(`${path} does not hold a key of ours`);
    return text.trimEnd();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all; of several processes that do so at the same moment, the first one's stays. */
function makeKey(path: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
}
