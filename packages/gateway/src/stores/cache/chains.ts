import { latin1 } from '../../core/latin1.ts';
import { BLOCK_BYTES, type CacheArea } from './area.ts';
import type { Runs } from './runs.ts';

/** Node's own one-byte encoder, which its types leave out: no encoding name to look up. */
interface Latin1Target {
  latin1Write(text: string, at: number, bytes: number): number;
}

/** Texts of one character a byte in chains of runs. What is asked for must be within the chain. */
export class Chains {
  readonly #bytes: Buffer;
  readonly #runs: Runs;

  constructor(area: CacheArea, runs: Runs) {
    this.#bytes = area.bytes;
    this.#runs = runs;
  }

  write(chain: number, offset: number, text: string): void {
    let [run, skipped, written] = [chain, 0, 0];
    while (run !== 0 && written < text.length) {
      const length = this.#runs.countOf(run) * BLOCK_BYTES;
      const from = offset + written - skipped;
      if (from < length) {
        const isAll = written === 0 && text.length <= length - from;
        const piece = isAll ? text : text.slice(written, written + length - from);
        const target = this.#bytes as unknown as Latin1Target;
        target.latin1Write(piece, this.#runs.byteOf(run) + from, piece.length);
        written += piece.length;
      }
      skipped += length;
      run = this.#runs.next(run);
    }
  }

  read(chain: number, from: number, to: number): string {
    let text = '';
    let [run, start, at] = [chain, 0, from];
    while (run !== 0 && at < to) {
      const end = start + this.#runs.countOf(run) * BLOCK_BYTES;
      const byte = this.#runs.byteOf(run) - start;
      if (at < end) {
        text += latin1(this.#bytes, byte + at, byte + Math.min(to, end));
        at = Math.min(to, end);
      }
      start = end;
      run = this.#runs.next(run);
    }
    return text;
  }

  /** The first bytes of a chain, in memory of their own. */
  copy(chain: number, length: number): Buffer {
    const copy = Buffer.allocUnsafe(length);
    for (let run = chain, at = 0; run !== 0 && at < length; run = this.#runs.next(run)) {
      const from = this.#runs.byteOf(run);
      at += this.#bytes.copy(copy, at, from, from + this.#runs.countOf(run) * BLOCK_BYTES);
    }
    return copy;
  }

  /** Whether these very bytes are there. Without a text that would have to be collected. */
  has(chain: number, offset: number, text: string): boolean {
    let [run, start, at] = [chain, 0, 0];
    while (run !== 0 && at < text.length) {
      const end = start + this.#runs.countOf(run) * BLOCK_BYTES;
      const byte = this.#runs.byteOf(run) - start + offset;
      for (; at < text.length && offset + at < end; at++) {
        if (this.#bytes[byte + at] !== text.charCodeAt(at)) return false;
      }
      start = end;
      run = this.#runs.next(run);
    }
    return at === text.length;
  }
}

/** How many blocks hold so many bytes. */
export function blocksFor(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}
