import type { AddressNews } from '../core/desk.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Random } from '../core/random.ts';

/** How a server tells versions of a text apart (RFC 9110 §8.8); null: it did not say. */
export interface TextVersion {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What is asked for: something else than the version that is known, and not more than that. */
export interface FetchTextOptions extends TextVersion {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came: the version that is known is the newest, or another. */
export type FetchedText =
  | { readonly kind: 'same' }
  | ({ readonly kind: 'text'; readonly text: string } & TextVersion);

/** Gets a text by HTTP (RFC 9110 §13.1.2, §13.1.3). Rejects for whatever is no such text. */
export type FetchText = (url: string, options: FetchTextOptions) => Promise<FetchedText>;

/** Calls back after what stands at a path has changed; see `threads/watch-files.ts`. */
export type WatchFiles = (
  onChange: () => void,
  log: Log,
) => { update(paths: readonly string[]): Promise<unknown>; close(): Promise<void> };

/** Resolves after that time, or as soon as it is called off. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** What the keeper of lists reaches the world through. */
export interface ListPorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly wait: Wait;
  readonly fetchText: FetchText;
  readonly watchFiles: WatchFiles;
  /** Where copies of what was fetched are kept; absolute. */
  readonly directory: string;
  /** Tells all threads of a list that has changed. */
  readonly publish: (news: AddressNews) => void;
}
