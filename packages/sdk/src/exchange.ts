import type { Identity } from './identity.ts';
import type { ValueKey } from './value-key.ts';

/** The fields of a message. Names are compared without regard to case. */
export interface Fields extends Iterable<readonly [name: string, value: string]> {
  /** All values of that name as one list, or undefined. `Set-Cookie` is no list: use `all`. */
  get(name: string): string | undefined;
  /** Each value of that name. */
  all(name: string): readonly string[];
  has(name: string): boolean;
  /**
   * Replaces every field of that name by one. Throws for a name or a value that is no field, and for fields that only the
   * gateway writes: framing, hop-by-hop, forwarding and identity.
   */
  set(name: string, value: string): void;
  /** Adds a field beside those of that name. Throws as `set` does. */
  append(name: string, value: string): void;
  delete(name: string): void;
}

/** The body of a message. It streams past unless somebody reads it here. */
export interface Body {
  /**
   * Waits for all of it, and it goes on unchanged. A body of more bytes ends the request: 413 if it is that of a request,
   * 502 if it is that of a reply.
   */
  bytes(maxBytes: number): Promise<Uint8Array>;
  /** The same as UTF-8. */
  text(maxBytes: number): Promise<string>;
  /** The same as JSON. Throws a `SyntaxError` for what is none. */
  json(maxBytes: number): Promise<unknown>;
  /** Takes it away to be read here, piece by piece. Without `replace`, nothing goes on. */
  stream(): AsyncIterable<Uint8Array>;
  /** Another body goes on in its place. The fields that describe it, such as `Content-Type`, are the plugin's business. */
  replace(body: string | Uint8Array | AsyncIterable<Uint8Array> | null): void;
}

/** What a request asks for. */
export interface Url {
  readonly scheme: 'http' | 'https';
  /** Lower-case host without the port. */
  readonly host: string;
  /** The normalised path, the same that routes, policies and services see. */
  readonly path: string;
  /** With its leading `?`, or `''`. */
  readonly query: string;
}

/** Who is at the other end: the peer, or what trusted proxies say of it. */
export interface Client {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly port: number;
}

/** One request, as a plugin sees it. */
export interface Exchange<
  Parameters = Readonly<Record<string, string | undefined>>,
  Caller = Identity | null,
> {
  /** In logs, in problem documents and in `X-Request-Id`. */
  readonly id: string;
  readonly method: string;
  readonly url: Url;
  readonly headers: Fields;
  readonly body: Body;
  /** Name of the route. */
  readonly route: string;
  /** Values of the parameters in the path of the route, percent-decoded. */
  readonly params: Parameters;
  readonly client: Client;
  /** Null for callers without credentials, and before anybody has asked. */
  readonly identity: Caller;
  /** Fires when nobody waits for the reply any more. Give it to whatever the plugin waits for. */
  readonly signal: AbortSignal;
  /** What was kept for this request under that key. */
  get<T>(key: ValueKey<T>): T | undefined;
  /** Keeps a value as long as the request lives. */
  set<T>(key: ValueKey<T>, value: T): void;
}
