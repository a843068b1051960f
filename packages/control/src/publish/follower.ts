import type { ConsumerKey } from '../domain/keys.ts';
import type { ObjectVersion, StoredObject } from '../domain/objects.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { nameOf } from '../domain/sources.ts';
import type { Position, Store } from '../domain/store.ts';
import { applyKeys, applyVersions, type Origin, type SavedState, StateJournal } from './state-journal.ts';

/** What a follower works with. */
export interface FollowerParts {
  readonly store: Pick<Store, 'objects' | 'position' | 'keys' | 'listen'>;
  /** Where its state is kept. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Which revision this gateway takes when that is the newest: another one while a roll-out is under way. */
  readonly target: (head: number) => Promise<number>;
  /** There are other objects than before. Waits until the gateway has taken them, or has not. */
  readonly onObjects: (revision: number) => Promise<void>;
  /** These are the keys: all of them, the first time and when nobody can say what has changed. */
  readonly onKeys: (keys: readonly ConsumerKey[]) => void;
  /** Keys that are others than before, revoked ones too. */
  readonly onKeyChanges: (changed: readonly ConsumerKey[]) => void;
}

/** What is known of the database. */
export interface Following {
  readonly revision: number;
  /** The same list for as long as nothing changes. */
  readonly objects: readonly StoredObject[];
  /** Whose revision that is. */
  readonly history: string;
}

/** How it stands with the database. */
export interface FollowerStatus {
  readonly revision: number;
  /** Where what is known came from; nowhere: nothing is known yet. */
  readonly source: 'database' | 'disk' | 'nowhere';
  readonly isReachable: boolean;
  /** Why it is not, or why the gateway has not taken what it has, or `''`. */
  readonly problem: string;
  /** Since the database was heard; null: never. */
  readonly ageSeconds: number | null;
}

/** Longer than a database that is there takes; one that is not must not keep a gateway from starting. */
const START_PATIENCE_MS = 3000;
const RETRY_MS = 2000;
/** A burst of keys is written once. */
const SAVE_AFTER_MS = 500;
/** A disk that was full, or could not be written to, may be better by then. */
const SAVE_AGAIN_MS = 30_000;
/** Changes that are written in one go; with more, all is written, slice by slice. */
const MOST_IN_A_LINE = 1000;
const KEYS_PER_PAGE = 1000;
/** No revision has this number. */
const NOTHING_YET = -1;

/** What is different, in its order, or that everything may be. */
type News<T> = readonly T[] | 'all';

function withMore<T>(known: News<T>, more: readonly T[]): News<T> {
  return known === 'all' || more.length === 0 ? known : [...known, ...more];
}

function isAny(news: News<unknown>): boolean {
  return news === 'all' || news.length > 0;
}

/**
 * Follows the database: takes what is there at the start, and what changes after that. What was taken is on disk, so that a gateway
 * starts, and stays as it is, when the database is gone. Nothing here ever stops the gateway.
 */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #journal: StateJournal;
  readonly #objects = new Map<string, StoredObject>();
  readonly #keys = new Map<string, ConsumerKey>();
  #revision = 0;
  /** The objects as a list, which stays the same for as long as they do. */
  #list: readonly StoredObject[] = [];
  /** Where they come from; null: nobody knows. */
  #origin: Origin | null = null;
  /** What the gateway was told of last, and took. */
  #handedOver = 0;
  /** null: the database has told of no keys yet. */
  #keyChange: number | null = null;
  /** Taken, and not on disk yet. */
  #unsaved: { objects: News<ObjectVersion>; keys: News<ConsumerKey> } = { objects: 'all', keys: 'all' };
  #source: FollowerStatus['source'] = 'nowhere';
  #problem = '';
  #refusal = '';
  #heardAt: number | null = null;
  #syncing: Promise<void> | null = null;
  #isWanted = false;
  #isClosed = false;
  #cancelRetry: () => void = () => {};
  #cancelSave: (() => void) | null = null;
  #saving: Promise<unknown> = Promise.resolve();
  #isKept = true;
  #unlisten: () => void = () => {};

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#journal = new StateJournal(parts.path);
  }

  get current(): Following {
    const history = this.#origin?.history ?? '';
    return { revision: this.#revision, objects: this.#list, history };
  }

  get keys(): readonly ConsumerKey[] {
    return [...this.#keys.values()];
  }

  get status(): FollowerStatus {
    const age = this.#heardAt === null ? null : this.#parts.clock.epoch() - this.#heardAt;
    return {
      revision: this.#revision,
      source: this.#source,
      isReachable: this.#source === 'database' && this.#problem === '',
      problem: this.#problem || this.#refusal,
      ageSeconds: age === null ? null : Math.round(age / 1000),
    };
  }

  /** Takes what the database has, or what is on disk if it does not answer soon. Never rejects. */
  async start(): Promise<void> {
    const { clock, log } = this.#parts;
    this.refresh();
    const first = this.#syncing;
    const late = Promise.withResolvers<'late'>();
    const cancel = clock.after(START_PATIENCE_MS, () => late.resolve('late'));
    await Promise.race([first, late.promise]);
    cancel();
    if (this.#source === 'nowhere') await this.#restore();
    if (this.#source !== 'database')
      log.warn('the database is not there: this gateway starts with what it knew last', {
        revision: this.#revision,
        problem: this.#problem,
      });
    this.#unlisten = this.#parts.store.listen(() => this.refresh());
  }

  /** Looks whether anything has changed; soon, and not more often than it can. */
  refresh(): void {
    if (this.#isClosed) return;
    if (this.#syncing !== null) {
      this.#isWanted = true;
      return;
    }
    this.#syncing = this.#sync().finally(() => {
      this.#syncing = null;
      if (!this.#isWanted) return;
      this.#isWanted = false;
      this.refresh();
    });
  }

  /** Resolves when all that was there when this was called has been taken, or could not be. */
  async caughtUp(): Promise<void> {
    await this.#syncing; // that one may have looked too early
    this.refresh();
    await this.#syncing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unlisten();
    this.#cancelRetry();
    await this.#syncing;
    if (this.#cancelSave !== null) {
      this.#cancelSave();
      this.#save();
    }
    await this.#saving;
  }

  async #sync(): Promise<void> {
    const { clock, log } = this.#parts;
    this.#cancelRetry();
    try {
      await this.#takeObjects();
      const keys = await this.#takeKeys();
      this.#source = 'database';
      this.#heardAt = clock.epoch();
      if (this.#problem !== '') log.info('the database answers again', { revision: this.#revision });
      this.#problem = '';
      if (isAny(this.#unsaved.objects) || isAny(this.#unsaved.keys)) this.#saveSoon(SAVE_AFTER_MS);
      if (keys === 'all') this.#parts.onKeys(this.keys);
      else if (isAny(keys)) this.#parts.onKeyChanges(keys);
      await this.#handOver();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#problem === '') log.warn('the database cannot be read; what is known stays', { error });
      this.#problem = problem;
      if (!this.#isClosed) this.#cancelRetry = clock.after(RETRY_MS, () => this.refresh());
    }
  }

  /** What the gateway did not take is not taken by being known: it is told again. */
  async #handOver(): Promise<void> {
    const { onObjects, clock, log } = this.#parts;
    const revision = this.#revision;
    if (revision === this.#handedOver) return;
    try {
      await onObjects(revision);
      this.#handedOver = revision;
      this.#refusal = '';
    } catch (error) {
      this.#refusal = `revision ${revision} is not in use: ${error instanceof Error ? error.message : String(error)}`;
      log.warn('what the database has is not in use', { revision, error });
      if (!this.#isClosed) this.#cancelRetry = clock.after(RETRY_MS, () => this.refresh());
    }
  }

  /** The first time all of them, even at the same revision: secrets may have been sealed with another key meanwhile. */
  async #takeObjects(): Promise<void> {
    const { store, target } = this.#parts;
    const known = this.#revision;
    const position = await store.position(known);
    if (known !== this.#revision) return this.#takeObjects(); // what is on disk came meanwhile
    if (position.head === 0) await this.#refuseToForget();
    const isContinued = this.#isContinued(position);
    const wanted = await target(position.head);
    if (wanted === this.#revision && isContinued) return;
    // When that one was made, for the next time.
    const { history, madeAt } = await store.position(wanted);
    if (history !== position.history) throw new Error('it was replaced while it was read');
    if (wanted > this.#revision && isContinued) {
      const versions = await store.objects.changed(this.#revision, wanted);
      applyVersions(this.#objects, versions);
      this.#unsaved.objects = withMore(this.#unsaved.objects, versions);
    } else {
      const all = await store.objects.at(wanted);
      this.#unsaved.objects = 'all';
      this.#objects.clear();
      for (const object of all) this.#objects.set(nameOf(object), object);
    }
    this.#list = [...this.#objects.values()];
    this.#revision = wanted;
    this.#origin = { history, madeAt };
  }

  /**
   * Whether the database goes on from what this gateway has. It does not after a backup was put in its place, with which numbers may
   * have gone back and come again with another meaning: then nothing of what is known may stay.
   */
  #isContinued({ head, keyChange, history, madeAt }: Position): boolean {
    const origin = this.#origin;
    const isSame =
      head >= this.#revision &&
      keyChange >= (this.#keyChange ?? 0) &&
      (origin === null || (history === origin.history && madeAt === origin.madeAt));
    if (isSame) return this.#source === 'database';
    this.#parts.log.warn('the database is not the one that it was: all of it is taken anew', {
      revision: this.#revision,
      head,
    });
    this.#forget();
    return false;
  }

  /** Revisions only count up: an empty database in the place of one that was not is lost, mounted wrongly, or new. */
  async #refuseToForget(): Promise<void> {
    const { path } = this.#parts;
    const known =
      this.#source === 'nowhere' ? ((await this.#journal.read(() => {}))?.revision ?? 0) : this.#revision;
    if (known === 0) return;
    throw new Error(
      `the database is empty, but this gateway has taken revision ${known} of one before; it keeps that until something is committed, or ${path} is removed`,
    );
  }

  /** What the gateway was told of means something else now, even if it has the same number. */
  #forget(): void {
    this.#keyChange = null;
    this.#handedOver = NOTHING_YET;
    this.#unsaved.keys = 'all';
  }

  /** All at once, when the last page is there: a part of them, mixed with what is on disk, could have one again that was revoked. */
  async #takeKeys(): Promise<News<ConsumerKey>> {
    const isAll = this.#keyChange === null;
    /** One that changes while pages are read is in two of them, and the later one is right. */
    const changed = new Map<string, ConsumerKey>();
    let change = this.#keyChange ?? 0;
    for (let isMore = true; isMore;) {
      const page = await this.#parts.store.keys.changed(change, KEYS_PER_PAGE);
      for (const key of page) changed.set(key.id, key);
      change = page.at(-1)?.change ?? change;
      isMore = page.length === KEYS_PER_PAGE;
    }
    const news = [...changed.values()];
    if (isAll) this.#keys.clear();
    applyKeys(this.#keys, news);
    this.#keyChange = change;
    this.#unsaved.keys = withMore(this.#unsaved.keys, news);
    return isAll ? 'all' : news;
  }

  async #restore(): Promise<void> {
    const { log, onKeys } = this.#parts;
    const saved = await this.#journal.read((file, error) =>
      log.warn('what was kept of the database cannot be read', { path: file, error }),
    );
    if (saved === null || this.#source !== 'nowhere') return;
    for (const key of saved.keys) this.#keys.set(key.id, key);
    if (this.#origin === null) this.#restoreObjects(saved);
    this.#heardAt = saved.heardAt;
    this.#source = 'disk';
    onKeys(this.keys);
  }

  /** Those of the database, if they are there and only its keys are not, are newer. */
  #restoreObjects({ objects, revision, origin }: SavedState): void {
    for (const object of objects) this.#objects.set(nameOf(object), object);
    this.#list = objects;
    this.#revision = revision;
    this.#origin = origin ?? null;
    this.#handedOver = revision;
  }

  #saveSoon(afterMs: number): void {
    this.#cancelSave ??= this.#parts.clock.after(afterMs, () => this.#save());
  }

  #save(): void {
    this.#cancelSave = null;
    const { path, log } = this.#parts;
    this.#saving = this.#saving
      .then(() => this.#write())
      .then(() => (this.#isKept = true))
      .catch((error: unknown) => {
        if (this.#isKept) log.warn('what the database has could not be kept on disk', { path, error });
        this.#isKept = false;
        if (!this.#isClosed) this.#saveSoon(SAVE_AGAIN_MS);
      });
  }

  async #write(): Promise<void> {
    const { objects, keys } = this.#unsaved;
    this.#unsaved = { objects: [], keys: [] };
    const state = {
      revision: this.#revision,
      ...(this.#origin !== null && { origin: this.#origin }),
      heardAt: this.#heardAt ?? this.#parts.clock.epoch(),
    };
    const isLine = objects !== 'all' && keys !== 'all' && objects.length + keys.length <= MOST_IN_A_LINE;
    if (isLine && !this.#journal.isFull) await this.#journal.add({ ...state, objects, keys });
    else await this.#journal.write({ ...state, objects: this.#list, keys: this.keys });
  }
}
