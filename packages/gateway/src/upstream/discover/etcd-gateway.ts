import type { DiscoveryConfig } from '@turnpike/config';
import type { SourcePorts } from './endpoint-source.ts';
import { MAX_ENDPOINTS } from './endpoint-crowd.ts';
import { at, listAt, textAt, wholeAt } from './json-value.ts';
import { askJson, RegistryRefusal, watchJson } from './registry-answer.ts';

/** How etcd is configured. */
export type EtcdConfig = Extract<DiscoveryConfig, { kind: 'etcd' }>;

/** A key and its value; null: it is gone. Both are bytes that are read as text. */
export interface EtcdEntry {
  readonly key: string;
  readonly value: string | null;
}

/** What a watch told. */
export interface EtcdNews {
  /** Everything up to here has been told. */
  readonly revision: number;
  readonly entries: readonly EtcdEntry[];
}

/** A watch cannot go on where it was, and nobody has failed: what is known has to be listed anew. */
export class BeginAnew extends Error {
  override readonly name = 'BeginAnew';
}

/**
 * One etcd, by the JSON gateway of its API v3: keys and values are Base64, numbers of 64 bits are text, and what is zero or
 * empty is left out.
 */
export class EtcdGateway {
  readonly #config: EtcdConfig;
  readonly #web: SourcePorts['web'];
  readonly #base: string;
  #token: string | null = null;

  constructor(url: string, config: EtcdConfig, web: SourcePorts['web']) {
    this.#base = url.replace(/\/+$/, '');
    this.#config = config;
    this.#web = web;
  }

  /** All keys below the prefix, and the revision of which this is true. Read by quorum: never older than what was seen before. */
  async list(signal: AbortSignal): Promise<EtcdNews> {
    const value = await this.#ask('/v3/kv/range', { ...this.#range, limit: `${MAX_ENDPOINTS + 1}` }, signal);
    const entries = listAt(value, 'kvs').flatMap((kv) => entryOf(kv, 'PUT'));
    if (entries.length > MAX_ENDPOINTS) throw new Error(`there are more than ${MAX_ENDPOINTS} keys`);
    return { revision: revisionOf(value), entries };
  }

  /** What happens after a revision. The first of it says that the watch is set up. Throws {@link BeginAnew}. */
  async *watch(revision: number, signal: AbortSignal): AsyncGenerator<EtcdNews> {
    const request = { ...this.#range, start_revision: `${revision + 1}`, progress_notify: true };
    const body = JSON.stringify({ create_request: request });
    const headers = { ...(await this.#headers(signal)), ...NEEDS_LEADER };
    const call = { method: 'POST', headers, body, signal, silenceMs: SILENCE_MS } as const;
    let seen = revision;
    for await (const line of watchJson(this.#web, `${this.#base}/v3/watch`, call)) {
      const result = this.#resultOf(line);
      if (at(result, 'created') === true) {
        // Somebody began from an empty disk: from so far ahead nothing would ever be told.
        if (revisionOf(result) < revision) throw new BeginAnew();
      } else seen = Math.max(seen, revisionOf(result));
      yield { revision: seen, entries: listAt(result, 'events').flatMap(entryOfEvent) };
    }
  }

  #resultOf(line: unknown): unknown {
    const result = at(line, 'result');
    // It no longer knows what happened after the revision.
    if ((wholeAt(result, 'compact_revision') ?? 0) > 0) throw new BeginAnew();
    if (result !== undefined && at(result, 'canceled') !== true) return result;
    const words = textAt(result, 'cancel_reason') ?? textAt(line, 'error', 'message') ?? 'no reason';
    if (this.#token !== null && /Unauthenticated|auth token/.test(words)) {
      this.#token = null;
      throw new BeginAnew();
    }
    throw new Error(`${this.#base}: the watch was ended: ${words}`);
  }

  get #range(): { readonly key: string; readonly range_end: string } {
    const prefix = Buffer.from(this.#config.prefix);
    // No key is empty: the first that can be is a zero.
    const key = prefix.length === 0 ? Buffer.of(0) : prefix;
    return { key: key.toString('base64'), range_end: endOfPrefix(prefix).toString('base64') };
  }

  /** Asks once more with a new token if the old one is no longer good: it was for minutes, or the server was restarted. */
  async #ask(path: string, message: object, signal: AbortSignal): Promise<unknown> {
    const hadToken = this.#token !== null;
    try {
      return await this.#send(path, message, { headers: await this.#headers(signal), signal });
    } catch (error) {
      if (!(error instanceof RegistryRefusal)) throw error;
      this.#token = null;
      if (!hadToken || error.status >= 500) throw error;
      return this.#send(path, message, { headers: await this.#headers(signal), signal });
    }
  }

  async #headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    if (this.#config.username === null) return JSON_CONTENT;
    this.#token ??= await this.#login(signal);
    return { ...JSON_CONTENT, authorization: this.#token };
  }

  async #login(signal: AbortSignal): Promise<string> {
    const { username, password } = this.#config;
    const login = { name: username, password: password ?? '' };
    const value = await this.#send('/v3/auth/authenticate', login, { headers: JSON_CONTENT, signal });
    const token = textAt(value, 'token');
    // It becomes a header field.
    if (token === null || !/^[\x21-\x7e]{1,8192}$/.test(token))
      throw new Error(`${this.#base}: it gave no token`);
    return token;
  }

  async #send(
    path: string,
    message: object,
    call: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<unknown> {
    const body = JSON.stringify(message);
    return (await askJson(this.#web, this.#base + path, { method: 'POST', body, ...call })).value;
  }
}

function revisionOf(value: unknown): number {
  const revision = wholeAt(value, 'header', 'revision');
  if (revision === null) throw new Error('an answer has no revision');
  return revision;
}

function entryOfEvent(event: unknown): EtcdEntry[] {
  return entryOf(at(event, 'kv'), at(event, 'type') === 'DELETE' ? 'DELETE' : 'PUT');
}

function entryOf(kv: unknown, type: 'PUT' | 'DELETE'): EtcdEntry[] {
  const key = textAt(kv, 'key');
  if (key === null) return [];
  return [{ key: decoded(key), value: type === 'DELETE' ? null : decoded(textAt(kv, 'value') ?? '') }];
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** The first key that is behind all keys with this prefix: its last byte that can be is one more. */
function endOfPrefix(prefix: Buffer): Buffer {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return Buffer.of(0); // all keys from the first on
  const end = Buffer.from(prefix.subarray(0, last + 1));
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

const JSON_CONTENT = { 'content-type': 'application/json' };
/** A server that lost the others ends the watch, instead of being silent for as long as that lasts. */
const NEEDS_LEADER = { 'grpc-metadata-hasleader': 'true' };
/** Watches are renewed long before. */
const SILENCE_MS = 150_000;
