import { hash } from 'node:crypto';
import type { AddressBlock } from '@turnpike/config';
import { compileAddresses } from '../core/addresses/compile-addresses.ts';
import type { ListPorts } from './list-ports.ts';
import { readList } from './read-list.ts';

/** What is known of a list, for the admin API. */
export interface ListState {
  /** Addresses and blocks in force. */
  readonly entries: number;
  /** Milliseconds since 1970 when they were loaded, or found to be the same; 0: never. */
  readonly loadedAtMs: number;
  /** Why nothing newer is in force, or `''`. */
  readonly problem: string;
}

/**
 * What is in force of one named list. It outlives its source: when the configuration gives the list another one, the threads
 * keep what they have until something better comes.
 */
export class AddressList {
  readonly #id: string;
  readonly #ports: Pick<ListPorts, 'log' | 'clock' | 'publish'>;
  /** Of the text that was read into it, or `''`. */
  #digest = '';
  #entries = 0;
  #loadedAtMs = 0;
  #problem = '';

  constructor(id: string, ports: Pick<ListPorts, 'log' | 'clock' | 'publish'>) {
    this.#id = id;
    this.#ports = ports;
  }

  get state(): ListState {
    return { entries: this.#entries, loadedAtMs: this.#loadedAtMs, problem: this.#problem };
  }

  /** Puts blocks of the configuration in force. */
  takeBlocks(blocks: readonly AddressBlock[]): void {
    this.#digest = '';
    this.#put(compileAddresses(blocks), blocks.length, this.#ports.clock.epoch());
  }

  /**
   * Puts a text in force, and tells whether it did. A text that is broken, or that lost all its addresses without saying so,
   * is not believed: more often than not it is half written, or the page of an error.
   */
  take(text: string, loadedAtMs: number = this.#ports.clock.epoch()): boolean {
    const digest = hash('sha256', text);
    if (digest === this.#digest) {
      this.confirm();
      return true;
    }
    const read = readList(text);
    if (read.kind === 'broken' || (read.kind === 'empty' && !read.isSaid && this.#entries > 0)) {
      this.fail(read.kind === 'broken' ? `it ${read.problem}` : 'it has no addresses any more');
      return false;
    }
    this.#digest = digest;
    if (read.kind === 'empty') this.#put(compileAddresses([]), 0, loadedAtMs);
    else this.#put(read.addresses.compile(), read.addresses.size, loadedAtMs);
    return true;
  }

  /** What is in force is what the source has. */
  confirm(): void {
    this.#loadedAtMs = this.#ports.clock.epoch();
    if (this.#problem !== '') this.#ports.log.info('an address list is in order again', { list: this.#id });
    this.#problem = '';
  }

  /** Nothing newer can be had of the source. The log hears of each problem once. */
  fail(problem: string): void {
    if (problem !== this.#problem) {
      const kept = this.#loadedAtMs === 0 ? null : this.#entries;
      this.#ports.log.warn('an address list could not be loaded', { list: this.#id, problem, kept });
    }
    this.#problem = problem;
  }

  #put(table: SharedArrayBuffer, entries: number, loadedAtMs: number): void {
    this.#entries = entries;
    this.#loadedAtMs = loadedAtMs;
    this.#problem = '';
    this.#ports.publish({ topic: 'addresses', id: this.#id, table });
    this.#ports.log.info('address list loaded', { list: this.#id, entries });
  }
}
