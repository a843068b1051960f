import type { PolicyMode } from './resolved.ts';

/** A stage that a user wrote, on a route. */
export interface PluginConfig {
  /** Absolute path; its text, and those of the files that it imports, are in `documents`. */
  readonly file: string;
  /** SHA-256 of all of them: another one is another plugin. `''`: nobody has read it. */
  readonly digest: string;
  /** In report mode it is asked, and nothing of what it says is done. */
  readonly mode: PolicyMode;
  /** As it is written: its schema is in the file. */
  readonly with: Readonly<Record<string, unknown>>;
}
