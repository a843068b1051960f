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

/**
 * Endpoints in a file, read anew when it has changed. One that is broken or gone leaves what was.
 *
 * Who reads while somebody writes may see a list that is cut between two lines, and cannot tell: those that it lacks go when
 * the file has not changed for a second. Those that are new come at once.
 */
class FileSource implements EndpointSource {
  readonly #path: string;
  readonly #events: SourceEvents;
  readonly #pause: SourcePorts['pause'];
  readonly #readEndpoints: ReadEndpoints;
  readonly #watching: Promise<{ readonly close: () => Promise<void> } | null>;
  /** Reads happen one after the other, so that the last one to be told is the newest. */
  #reading: Promise<void>;
  #isWaiting = false;
  #text: string | null = null;
  #told: readonly FoundEndpoint[] = [];
  /** What is in the file, if it was told with others that are not. */
  #unsettled: readonly FoundEndpoint[] | null = null;
  #isQuiet = false;
  #version = 0;
  readonly #closing = new AbortController();

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
    this.#pause = parts.ports.pause;
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
    this.#closing.abort();
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
      if (this.#isClosed) return;
      if (text !== this.#text) this.#take(text);
      else if (this.#unsettled !== null && this.#isQuiet) this.#tell(this.#unsettled);
    } catch (error) {
      this.#text = this.#unsettled = null;
      if (!this.#isClosed) this.#events.failed(problemOf(error));
    }
  }

  #take(text: string): void {
    this.#text = text;
    this.#unsettled = null;
    const read = this.#readEndpoints(this.#path, text);
    if (!read.ok) return this.#events.failed(read.problem);
    const missing = withoutThose(this.#told, read.endpoints);
    this.#tell([...read.endpoints, ...missing]);
    if (missing.length > 0) this.#settleLater(read.endpoints);
  }

  #tell(endpoints: readonly FoundEndpoint[]): void {
    this.#told = endpoints;
    this.#unsettled = null;
    this.#events.found(endpoints, `${++this.#version}`);
  }

  #settleLater(endpoints: readonly FoundEndpoint[]): void {
    this.#unsettled = endpoints;
    this.#isQuiet = false;
    const look = (): void => {
      if (this.#unsettled !== endpoints) return;
      this.#isQuiet = true;
      this.refresh();
    };
    this.#pause(QUIET_MS, this.#closing.signal).then(look, () => {}); // it was closed
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

/** Those of `all` whose address is none of the others'. */
function withoutThose(all: readonly FoundEndpoint[], others: readonly FoundEndpoint[]): FoundEndpoint[] {
  const addresses = new Set(others.map(addressOf));
  return all.filter((one) => !addresses.has(addressOf(one)));
}

function addressOf({ host, port }: FoundEndpoint): string {
  return `${host} ${port}`;
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
/** Nobody takes longer between two writes of one list. */
const QUIET_MS = 1000;
