import type { CommandLink } from './redis-link.ts';

/** Bytes, and values, that may be on their way at once: what comes on top is left out. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_VALUES = 256;

/** Longer than anything is of use. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * Writes that nobody waits for. What is on its way is bounded, because limits are counted over the same connection and must not
 * wait behind it, and because a Redis that hangs would have everything pile up here.
 */
export class CachePuts {
  readonly #link: CommandLink;
  #bytes = 0;
  #values = 0;

  constructor(link: CommandLink) {
    this.#link = link;
  }

  /** Whether so many bytes more may go. */
  hasRoomFor(bytes: number): boolean {
    return this.#link.isUp && this.#values < MOST_VALUES && this.#bytes + bytes <= MOST_BYTES;
  }

  /** Resolves when it is written, or is lost. */
  async write(name: string, value: Buffer, keepMs: number): Promise<'stored' | 'dropped'> {
    const px = `${Math.ceil(Math.min(Math.max(1, keepMs), LONGEST_MS))}`;
    this.#bytes += value.length;
    this.#values++;
    try {
      await this.#link.send(name, ['SET', name, value, 'PX', px]);
      return 'stored';
    } catch {
      // A cache that is full, or gone: the response is where it was asked for, and the next look tells how Redis does.
      return 'dropped';
    } finally {
      this.#bytes -= value.length;
      this.#values--;
    }
  }
}
