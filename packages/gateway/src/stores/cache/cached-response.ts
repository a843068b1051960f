import type { Body } from '../../core/body.ts';
import type { StoredResponse } from '../../core/cache-memory.ts';
import type { Replacement } from './head-replacement.ts';
import type { EntryRecord } from './lookup.ts';

/** What a response needs of the cache that it was found in. */
export interface ResponseOwner {
  bodyOf(record: EntryRecord, from: number, to: number): Body;
  unpin(entry: number): void;
  replaceHead(replacement: Replacement): boolean;
}

/** A response as one thread found it: the same object for all who find it there, until it changes. */
export class CachedResponse<T> implements StoredResponse<T> {
  readonly kind = 'stored';
  readonly head: T;
  readonly length: number;
  readonly version: number;
  readonly isSoftPurged: boolean;
  readonly record: EntryRecord;
  hits = 0;
  /** The stand of purges at which it was looked at. */
  stand: number;
  readonly #key: string;
  readonly #owner: ResponseOwner;

  constructor(owner: ResponseOwner, record: EntryRecord, key: string, head: T) {
    this.#owner = owner;
    this.#key = key;
    this.record = record;
    this.head = head;
    this.stand = record.stand;
    this.length = record.length;
    this.version = record.version;
    this.isSoftPurged = record.isSoftPurged;
  }

  body(from: number, to: number): Body {
    const { text } = this.record;
    if (text === null) return this.#owner.bodyOf(this.record, from, to);
    const part = from === 0 && to >= text.length ? text : text.slice(from, to);
    return part === '' ? null : part;
  }

  release(): void {
    if (this.record.text === null) this.#owner.unpin(this.record.entry);
  }

  replaceHead(head: string, since: bigint | null = null): boolean {
    return this.#owner.replaceHead({ key: this.#key, record: this.record, head, since });
  }
}
