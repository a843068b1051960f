import { open, readFile, stat } from 'node:fs/promises';
import type { ConsumerKey } from '../domain/keys.ts';
import type { ObjectVersion, StoredObject } from '../domain/objects.ts';
import { nameOf } from '../domain/sources.ts';
import { digestOf, isMissing, readState, writeState } from './state-file.ts';

/** What a gateway took from the database last: enough to start without it. */
export interface SavedState {
  readonly revision: number;
  /** As they are stored: their secrets are sealed. */
  readonly objects: readonly StoredObject[];
  readonly keys: readonly ConsumerKey[];
  /** Milliseconds since 1970, when the database was heard last. */
  readonly heardAt: number;
  /** Of what history that is; nothing in what an older program wrote. */
  readonly origin?: Origin;
}

/** What tells the same numbers of two histories apart: `Position` of the store. */
export interface Origin {
  readonly history: string;
  readonly madeAt: number | null;
}

/** What is different from the state that was saved before. */
export interface StateChange extends Omit<SavedState, 'objects'> {
  readonly objects: readonly ObjectVersion[];
}

type Complain = (path: string, error: unknown) => void;

/** Beside a quarter of the state: what changes are worth before it is written whole. */
const JOURNAL_BYTES = 1024 * 1024;

/**
 * Keeps a state on disk: whole, in `PATH`, and what changed since, a line each, in `PATH.journal`. So one key of a hundred thousand costs
 * a line. The journal names the state that it goes on from: after a crash between the two it belongs to the older one, and is not read
 * with the newer, which has all of it. Each line has a digest of itself and of all before it, so that nothing is read that another
 * process has written there by mistake. One that is not whole was never promised to anybody, and ends it.
 */
export class StateJournal {
  readonly #path: string;
  readonly #journal: string;
  /** The end of the journal, and when it is too long; null: there is none yet, or nobody knows what is in it. */
  #end: { readonly digest: string; readonly bytes: number; readonly mostBytes: number } | null = null;

  constructor(path: string) {
    this.#path = path;
    this.#journal = `${path}.journal`;
  }

  /** Whether the next change is better written with all the rest. */
  get isFull(): boolean {
    return this.#end === null || this.#end.bytes > this.#end.mostBytes;
  }

  /** Writes all of it. */
  async write(state: SavedState): Promise<void> {
    this.#end = null;
    const digest = await writeState(this.#path, state);
    const { size } = await stat(this.#path);
    const bytes = await write(this.#journal, { text: `${headOf(digest)}\n`, at: 0 });
    this.#end = { digest, bytes, mostBytes: JOURNAL_BYTES + size / 4 };
  }

  /** Writes what has changed. When it could not, nobody knows what is there: the next time all is written. */
  async add(change: StateChange): Promise<void> {
    const end = this.#end;
    if (end === null) throw new Error('there is nothing that a change could go on from');
    this.#end = null;
    const body = JSON.stringify(change);
    const digest = digestOf(end.digest + body);
    const bytes = await write(this.#journal, { text: `${digest} ${body}\n`, at: end.bytes });
    this.#end = { ...end, digest, bytes };
  }

  /** What is known; null: nothing. `problem` hears what could not be read. */
  async read(problem: Complain): Promise<SavedState | null> {
    const found = await readState<SavedState>(this.#path, problem);
    if (found === null) return null;
    const complain = (error: unknown): void => problem(this.#journal, error);
    const text = await readFile(this.#journal, 'utf8').catch((error: unknown) => {
      if (!isMissing(error)) complain(error);
      return '';
    });
    return afterChanges(found.state, changesIn(text, found.digest, complain));
  }
}

/** Writes a text at the end of a file, which must be there; at the beginning, in the place of all of it. Gives where that ends. */
async function write(path: string, { text, at }: { text: string; at: number }): Promise<number> {
  const file = await open(path, at === 0 ? 'w' : 'a', 0o600);
  try {
    const { size } = await file.stat();
    if (size !== at)
      throw new Error('somebody else has written there: has another gateway the same directory?');
    await file.writeFile(text);
    await file.datasync();
    return at + Buffer.byteLength(text);
  } finally {
    await file.close();
  }
}

function headOf(base: string): string {
  return JSON.stringify({ base });
}

/** Those that go on from a state, up to the first that is not whole, or not of this journal. */
function changesIn(text: string, base: string, complain: (error: unknown) => void): StateChange[] {
  const [head, ...lines] = text.split('\n').slice(0, -1);
  if (head !== headOf(base)) return [];
  const changes: StateChange[] = [];
  let before = base;
  for (const line of lines) {
    const [digest, body] = [line.slice(0, DIGEST), line.slice(DIGEST + 1)];
    if (digestOf(before + body) !== digest) {
      complain(new Error(`of ${lines.length} changes, those after ${changes.length} are damaged`));
      break;
    }
    changes.push(JSON.parse(body) as StateChange);
    before = digest;
  }
  return changes;
}

/** Characters. */
const DIGEST = 64;

function afterChanges(state: SavedState, changes: readonly StateChange[]): SavedState {
  const last = changes.at(-1);
  if (last === undefined) return state;
  const objects = new Map(state.objects.map((object) => [nameOf(object), object]));
  const keys = new Map(state.keys.map((key) => [key.id, key]));
  for (const change of changes) {
    applyVersions(objects, change.objects);
    applyKeys(keys, change.keys);
  }
  return { ...last, objects: [...objects.values()], keys: [...keys.values()] };
}

/** Takes over what became of objects. */
export function applyVersions(objects: Map<string, StoredObject>, versions: readonly ObjectVersion[]): void {
  for (const version of versions) {
    const { document } = version;
    if (document === null) objects.delete(nameOf(version));
    else objects.set(nameOf(version), { ...version, document });
  }
}

/** Takes over what became of keys: those that were revoked are gone. */
export function applyKeys(keys: Map<string, ConsumerKey>, changed: readonly ConsumerKey[]): void {
  for (const key of changed) {
    if (key.revokedAt === null) keys.set(key.id, key);
    else keys.delete(key.id);
  }
}
