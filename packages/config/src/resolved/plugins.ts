import type { PolicyMode } from './policies.ts';

/** What the file of a plugin says of it. `''`: nobody has loaded it. */
export interface PluginFacts {
  readonly name: string;
  /** Where it runs. */
  readonly slot: string;
}

/** A stage that a user wrote, on a route. */
export interface PluginConfig extends PluginFacts {
  /** Absolute path; its text, and those of the files that it imports, are in `documents`. */
  readonly file: string;
  /** SHA-256 of all of them: another one is another plugin. `''`: nobody has read it. */
  readonly digest: string;
  /** In report mode it is asked, and nothing of what it says is done. */
  readonly mode: PolicyMode;
  /** As it is written: its schema is in the file. */
  readonly with: Readonly<Record<string, unknown>>;
}
