import type { FileHandle } from 'node:fs/promises';

/** What is read at once. */
const READ_BYTES = 1024 * 1024;

/** Reads a file from some place on, piece by piece, with few calls of the system. */
export class FileWindow {
  readonly #file: FileHandle;
  #place: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, place: number) {
    this.#file = file;
    this.#place = place;
  }

  /** The next bytes, which stay as they are; null: the file ends before. */
  async read(length: number): Promise<Buffer | null> {
    if (this.#bytes.length < length) await this.#fill(length);
    if (this.#bytes.length < length) return null;
    const piece = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return piece;
  }

  async #fill(length: number): Promise<void> {
    const parts = [this.#bytes];
    for (let have = this.#bytes.length; have < length;) {
      const more = Buffer.allocUnsafe(Math.max(READ_BYTES, length - have));
      const { bytesRead } = await this.#file.read(more, 0, more.length, this.#place);
      if (bytesRead === 0) break;
      parts.push(more.subarray(0, bytesRead));
      have += bytesRead;
      this.#place += bytesRead;
    }
    this.#bytes = Buffer.concat(parts);
  }
}
