import type { Command } from '../../command.ts';
import { backup } from './backup.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { secrets } from './secrets.ts';

/** The commands that look after the database, without a gateway. */
export const DATABASE: readonly Command[] = [migrate, backup, restore, secrets];
