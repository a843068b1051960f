import type { JsonSchema } from '../schema/json-schema.ts';
import type { Walk } from './walk.ts';

/** A schema turned into a function. */
export interface Reader {
  /**
   * Reports what is wrong with a value, and gives what it means.
   *
   * It always gives something of the right type, if need be the blank, so that one mistake does not hide others.
   */
  readonly read: (value: unknown, walk: Walk) => unknown;
  /** Stands for a value that is missing or unreadable. */
  readonly blank: unknown;
}

/** Makes a reader of a schema. `expected` is what messages ask for; a union passes what all its branches accept. */
export type Compile = (schema: JsonSchema, expected?: string) => Reader;
