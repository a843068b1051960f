import { open, readFile, stat } from 'node:fs/promises';
import type { ConsumerKey } from '../domain/keys.ts';
import type { ObjectVersion, StoredObject } from '../domain/objects.ts';
import { nameOf } from '../domain/sources.ts';
import { digestOf, readState, writeState } from './state-file.ts';

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
 * with the newer, which has all of it. A line that is not whole was never promised to anybody, and ends it.
 */
export class StateJournal {
  readonly #path: string;
  readonly #journal: string;
  /** Of the state that the journal goes on from; null: there is none yet, or nobody knows what is in it. */
  #base: { readonly digest: string; readonly bytes: number } | null = null;
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#journal = `${path}.journal`;
  }

  /** Whether the next change is better written with all the rest. */
  get isFull(): boolean {
    return this.#base === null || this.#bytes > JOURNAL_BYTES + this.#base.bytes / 4;
  }

  /** Writes all of it. */
  async write(state: SavedState): Promise<void> {
    this.#base = null;
    const digest = await writeState(this.#path, state);
    const { size: bytes } = await stat(this.#path);
    await append(this.#journal, 'w', `${JSON.stringify({ base: digest })}\n`);
    this.#base = { digest, bytes };
    this.#bytes = 0;
  }

  /** Writes what has changed. When it could not, nobody knows what is there: the next time all is written. */
  async add(change: StateChange): Promise<void> {
    const base = this.#base;
    this.#base = null;
    const body = JSON.stringify(change);
    const line = `${digestOf(body)} ${body}\n`;
    await append(this.#journal, 'a', line);
    this.#bytes += Buffer.byteLength(line);
    this.#base = base;
  }

  /** What is known; null: nothing. `problem` hears what could not be read. */
  async read(problem: Complain): Promise<SavedState | null> {
    const found = await readState<SavedState>(this.#path, problem);
    if (found === null) return null;
    const text = await readFile(this.#journal, 'utf8').catch(() => ''); // there need not be one
    return afterChanges(found.state, changesIn(text, found.digest));
  }
}

async function append(path: string, flag: 'a' | 'w', text: string): Promise<void> {
  const file = await open(path, flag, 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Those that go on from a state, up to the first that is not whole. */
function changesIn(text: string, base: string): StateChange[] {
  const [head = '', ...lines] = text.split('\n').slice(0, -1);
  if (head !== JSON.stringify({ base })) return [];
  const damaged = lines.findIndex((line) => digestOf(line.slice(DIGEST + 1)) !== line.slice(0, DIGEST));
  const whole = damaged === -1 ? lines : lines.slice(0, damaged);
  return whole.map((line) => JSON.parse(line.slice(DIGEST + 1)) as StateChange);
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
