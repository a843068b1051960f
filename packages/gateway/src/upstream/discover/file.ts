import { constants, open } from 'node:fs/promises';
import type { EndpointSource, FoundEndpoint, SourceEvents, SourcePorts } from './endpoint-source.ts';
import type { Opener } from './openers.ts';

/** Understands the text of a file of endpoints; the problem says in which line it is. */
export type ReadEndpoints = (
  path: string,
  text: string,
) =>
  | { readonly ok: true; readonly endpoints: readonly FoundEndpoint[] }
  | { readonly ok: false; readonly problem: string };

/** Makes the opener of files. What a file says is for the configuration package to understand. */
export function fileOpener(readEndpoints: ReadEndpoints): Opener<'file'> {
  return ({ path }, events, ports) => new FileSource(path, { events, ports, readEndpoints });
}

/** Endpoints in a file, read anew when it has changed. One that is broken or gone leaves what was. */
class FileSource implements EndpointSource {
  readonly #path: string;
  readonly #events: SourceEvents;
  readonly #readEndpoints: ReadEndpoints;
  readonly #watching: Promise<{ readonly close: () => Promise<void> } | null>;
  /** Reads happen one after the other, so that the last one to be told is the newest. */
  #reading: Promise<void>;
  #isWaiting = false;
  #text: string | null = null;
  #version = 0;
  #isClosed = false;

  constructor(
    path: string,
    parts: {
      readonly events: SourceEvents;
      readonly ports: SourcePorts;
      readonly readEndpoints: ReadEndpoints;
    },
  ) {
    this.#path = path;
    this.#events = parts.events;
    this.#readEndpoints = parts.readEndpoints;
    this.#watching = this.#watch(parts.ports);
    // Before the watch stands, changes are not seen: it is read after that.
    this.#reading = this.#watching.then(() => this.#read());
  }

  refresh(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#reading = this.#reading.then(() => {
      this.#isWaiting = false;
      return this.#read();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const watch = await this.#watching;
    await watch?.close();
    await this.#reading;
  }

  async #watch({ watch, log }: SourcePorts): Promise<{ readonly close: () => Promise<void> } | null> {
    try {
      return await watch([this.#path], () => this.refresh());
    } catch (error) {
      log.warn('a file of endpoints is not watched', { path: this.#path, problem: problemOf(error) });
      return null;
    }
  }

  async #read(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const text = await readBounded(this.#path);
      if (!this.#isClosed) this.#take(text);
    } catch (error) {
      this.#text = null;
      if (!this.#isClosed) this.#events.failed(problemOf(error));
    }
  }

  #take(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    const read = this.#readEndpoints(this.#path, text);
    if (read.ok) this.#events.found(read.endpoints, `${++this.#version}`);
    else this.#events.failed(read.problem);
  }
}

async function readBounded(path: string): Promise<string> {
  // A pipe would have us wait for somebody who writes, and nothing could end that.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > MAX_FILE_BYTES) throw new Error(`the file has more than ${MAX_FILE_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Room for twenty thousand endpoints that say everything they can. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
