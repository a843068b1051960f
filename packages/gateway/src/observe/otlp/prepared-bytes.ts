import { WireWriter } from '../../core/protobuf/wire-writer.ts';

/**
 * Bytes of messages that come again and again, by a key of what they say. None of that may be made up by a client; endpoints come
 * and go all the same: when there are {@link MOST}, it begins anew.
 */
export class PreparedBytes {
  readonly #known = new Map<string, Uint8Array>();
  readonly #writer = new WireWriter();

  /** What `write` has written for this key. */
  of(key: string, write: (writer: WireWriter) => void): Uint8Array {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    write(this.#writer);
    const bytes = this.#writer.finish();
    this.#known.set(key, bytes);
    return bytes;
  }
}

/** So many are kept. */
export const MOST = 1024;
