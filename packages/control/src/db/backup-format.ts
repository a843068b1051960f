import { createHash, type Hash } from 'node:crypto';
import type { Tables } from './tables.ts';

/** What is in a backup, in the order in which it can be put back, with the columns that tell its rows apart. */
export const BACKED_UP = {
  counters: ['name'],
  agreements: ['name'],
  revisions: ['number'],
  objects: ['kind', 'name'],
  object_versions: ['kind', 'name', 'revision'],
  consumer_keys: ['id'],
  workspaces: ['name'],
  tokens: ['id'],
  audit: ['id'],
  rollouts: ['id'],
  shared_texts: ['name'],
} as const satisfies { readonly [T in keyof Tables]?: readonly (keyof Tables[T])[] };

export type BackedUp = keyof typeof BACKED_UP;

/** The first line: what this is, and how the tables look. */
export interface Header {
  readonly format: 'turnpike-backup';
  readonly version: 1;
  /** The last step of the schema. */
  readonly schema: string;
  readonly createdAt: string;
  readonly revision: number;
}

/** A line between the first and the last. */
export interface RowLine {
  readonly table: BackedUp;
  readonly row: Readonly<Record<string, string | number | null>>;
}

/** The last line: without it, a backup is not whole. */
export interface Footer {
  readonly rows: number;
  /** SHA-256 in hex of all bytes before this line. */
  readonly sha256: string;
}

/** The file is no backup, or was cut or changed. */
export class BadBackup extends Error {
  override readonly name = 'BadBackup';
}

/** Makes lines, and the last one from all before. */
export function lineWriter(): { line(value: Header | RowLine): string; end(): string } {
  const hash: Hash = createHash('sha256');
  let rows = -1; // the first line is none
  return {
    line(value) {
      const text = `${JSON.stringify(value)}\n`;
      hash.update(text);
      rows++;
      return text;
    },
    end: () => `${JSON.stringify({ rows, sha256: hash.digest('hex') } satisfies Footer)}\n`,
  };
}

/** Reads lines back, without their ends. Throws `BadBackup` as soon as something is wrong. */
export async function* readLines(lines: AsyncIterable<string>): AsyncGenerator<Header | RowLine> {
  const hash = createHash('sha256');
  let count = -1;
  let isWhole = false;
  for await (const text of lines) {
    if (isWhole) throw new BadBackup('there is something after its end');
    const value = parse(text);
    if (count >= 0 && isFooter(value)) {
      if (value.rows !== count || value.sha256 !== hash.digest('hex'))
        throw new BadBackup('its checksum does not fit: it was changed or damaged');
      isWhole = true;
      continue;
    }
    hash.update(`${text}\n`);
    if (count === -1) yield headerOf(value);
    else if (isRow(value)) yield value;
    else throw new BadBackup(`line ${count + 2} is not a row of a table`);
    count++;
  }
  if (!isWhole) throw new BadBackup('it is cut off: its last line is missing');
}

type Unknown = Readonly<Record<string, unknown>>;

function parse(text: string): Unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Unknown;
  } catch {
    // the same as any other text that is not a line of ours
  }
  throw new BadBackup('it has a line that is not JSON');
}

function headerOf(value: Unknown): Header {
  if (value['format'] !== 'turnpike-backup') throw new BadBackup('it is not a backup of Turnpike');
  if (value['version'] !== 1 || typeof value['schema'] !== 'string')
    throw new BadBackup('it was made by a newer program');
  return value as unknown as Header;
}

function isFooter(value: Unknown): value is Unknown & Footer {
  return typeof value['sha256'] === 'string' && typeof value['rows'] === 'number';
}

function isRow(value: Unknown): value is Unknown & RowLine {
  const { table, row } = value;
  return (
    typeof table === 'string' && Object.hasOwn(BACKED_UP, table) && typeof row === 'object' && row !== null
  );
}
