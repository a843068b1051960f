import type { Engine } from '../engine.ts';
import type { Migration } from '../kysely.ts';
import { first } from './0001-first.ts';
import { shared } from './0002-shared.ts';

/**
 * Every step from an empty database to the newest schema, in order of their names. They only go forward, and one that was
 * released is never changed: the next one is added.
 */
export function migrations(dialect: Engine['dialect']): Readonly<Record<string, Migration>> {
  return { '0001-first': first(dialect), '0002-shared': shared(dialect) };
}
