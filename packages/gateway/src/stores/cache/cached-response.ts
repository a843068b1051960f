import type { Body } from '../../core/body.ts';
import type { StoredResponse } from '../../core/cache-memory.ts';
import type { EntryRecord } from './lookup.ts';

/** What a response needs of the cache that it was found in. */
export interface ResponseOwner {
  bodyOf(record: EntryRecord, from: number, to: number): Body;
  unpin(entry: number): void;
  replaceHead(key: string, record: EntryRecord, head: string): boolean;
}

/** What is known of a response beside its record. */
export interface ResponseTexts<T> {
  readonly key: string;
  readonly head: T;
  /** All of its body if it is complete and small; then nothing of it is read in place, and it is not pinned. */
  readonly text: string | null;
}

/** A response as one thread found it: the same object for all who find it there, until it changes. */
export class CachedResponse<T> implements StoredResponse<T> {
  readonly kind = 'stored';
  readonly head: T;
  readonly length: number;
  readonly version: number;
  readonly isSoftPurged: boolean;
  readonly record: EntryRecord;
  readonly text: string | null;
  hits = 0;
  /** The stand of purges at which it was looked at. */
  stand: number;
  readonly #key: string;
  readonly #owner: ResponseOwner;

  constructor(owner: ResponseOwner, record: EntryRecord, { key, head, text }: ResponseTexts<T>) {
    this.#owner = owner;
    this.#key = key;
    this.record = record;
    this.head = head;
    this.text = text;
    this.stand = record.stand;
    this.length = record.length;
    this.version = record.version;
    this.isSoftPurged = record.isSoftPurged;
  }

  body(from: number, to: number): Body {
    const { text } = this;
    if (text === null) return this.#owner.bodyOf(this.record, from, to);
    const part = from === 0 && to >= text.length ? text : text.slice(from, to);
    return part === '' ? null : part;
  }

  release(): void {
    if (this.text === null) this.#owner.unpin(this.record.entry);
  }

  replaceHead(head: string): boolean {
    return this.#owner.replaceHead(this.#key, this.record, head);
  }
}
