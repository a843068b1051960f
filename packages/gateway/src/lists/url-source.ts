import { join } from 'node:path';
import type { AddressList } from './address-list.ts';
import type { ListPorts, TextVersion } from './list-ports.ts';
import { type ListSource, MAX_LIST_BYTES, problemOf } from './list-source.ts';
import { pauseMs } from './pause.ts';
import { readSavedList, saveList } from './saved-list.ts';

/** What a list by URL is configured to be. */
export interface UrlListPlan {
  readonly id: string;
  readonly url: string;
  readonly refreshMs: number;
}

/**
 * A list at a URL: asked for at the start and again and again, and kept on disk for starts at which nobody answers. What was
 * good stays in force while its server fails.
 */
export class UrlSource implements ListSource {
  readonly #plan: UrlListPlan;
  readonly #list: AddressList;
  readonly #ports: ListPorts;
  readonly #closing = new AbortController();
  /** Of the text in force. */
  #version: TextVersion = UNKNOWN;
  #running: Promise<void> = Promise.resolve();
  #saveProblem = '';

  constructor(plan: UrlListPlan, list: AddressList, ports: ListPorts) {
    this.#plan = plan;
    this.#list = list;
    this.#ports = ports;
  }

  async start(): Promise<void> {
    // What is in force was better than any copy, whatever URL it came from.
    if (this.#list.state.loadedAtMs === 0) await this.#recall();
    this.#running = this.#run();
  }

  reread(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #recall(): Promise<void> {
    const saved = await readSavedList(this.#path, this.#plan.url);
    if (saved === null || this.#closing.signal.aborted) return;
    const { text, etag, lastModified, loadedAtMs } = saved;
    if (this.#list.take(text, loadedAtMs)) this.#version = { etag, lastModified };
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { random, wait } = this.#ports;
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.#refresh(signal)) ? 0 : failures + 1;
      if (!signal.aborted) await wait(pauseMs(this.#plan.refreshMs, failures, random), signal);
    }
  }

  /** Tells whether the server gave a good list. */
  async #refresh(signal: AbortSignal): Promise<boolean> {
    try {
      const { etag, lastModified } = this.#version;
      const limits = { maxBytes: MAX_LIST_BYTES, timeoutMs: TIMEOUT_MS, signal };
      const fetched = await this.#ports.fetchText(this.#plan.url, { etag, lastModified, ...limits });
      if (signal.aborted) return true;
      if (fetched.kind === 'same') {
        this.#list.confirm();
        return true;
      }
      if (!this.#list.take(fetched.text)) return false;
      await this.#save(fetched.text, fetched);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#list.fail(problemOf(error));
      return false;
    }
  }

  async #save(text: string, { etag, lastModified }: TextVersion): Promise<void> {
    this.#version = { etag, lastModified };
    try {
      const { loadedAtMs } = this.#list.state;
      await saveList(this.#path, { url: this.#plan.url, text, etag, lastModified, loadedAtMs });
      this.#saveProblem = '';
    } catch (error) {
      // Nothing here is fatal: on a read-only disk there is no copy, and the log says so once.
      const problem = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (problem !== this.#saveProblem)
        this.#ports.log.warn('the copy of an address list could not be saved', {
          list: this.#plan.id,
          problem,
        });
      this.#saveProblem = problem;
    }
  }

  get #path(): string {
    return join(this.#ports.directory, `${this.#plan.id}.txt`);
  }
}

const UNKNOWN: TextVersion = { etag: null, lastModified: null };
/** Time enough for the largest list on a slow line. */
const TIMEOUT_MS = 60_000;
