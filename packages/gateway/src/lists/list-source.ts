/** Where a list comes from. */
export interface ListSource {
  /** Resolves when what is on this machine is read; never waits for others, and never rejects. */
  start(): Promise<void>;
  /** Looks again at what is on this machine, because somebody says that it has changed. */
  reread(): Promise<void>;
  /** Nothing is taken from it any more once this was called; resolves when it does nothing more. */
  close(): Promise<void>;
}

/** How large the text of a list may be. */
export const MAX_LIST_BYTES = 32 * 1024 * 1024;

/** An error in one line, for the log and the admin API. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
