import { open } from 'node:fs/promises';
import type { AddressList } from './address-list.ts';
import type { ListPorts } from './list-ports.ts';
import { type ListSource, MAX_LIST_BYTES, problemOf } from './list-source.ts';

/** A list in a file, read anew whenever the file has changed. */
export class FileSource implements ListSource {
  readonly #path: string;
  readonly #list: AddressList;
  readonly #watch: ReturnType<ListPorts['watchFiles']>;
  /** Reads happen one after the other, so that the last one to be taken is the newest. */
  #reading: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(path: string, list: AddressList, { watchFiles, log }: Pick<ListPorts, 'watchFiles' | 'log'>) {
    this.#path = path;
    this.#list = list;
    this.#watch = watchFiles(() => void this.#readNext(), log);
  }

  async start(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#watch.update([this.#path]);
    } catch (error) {
      this.#list.fail(`its file cannot be watched: ${problemOf(error)}`);
    }
    await this.#readNext();
  }

  reread(): Promise<void> {
    return this.#readNext();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watch.close();
    await this.#reading;
  }

  #readNext(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const text = await readBounded(this.#path);
      if (!this.#isClosed) this.#list.take(text);
    } catch (error) {
      if (!this.#isClosed) this.#list.fail(problemOf(error));
    }
  }
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_LIST_BYTES) throw new Error(`its file has more than ${MAX_LIST_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
