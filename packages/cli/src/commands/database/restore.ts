import type { Command } from '../../command.ts';
import { EXIT, UsageError } from '../../exit-codes.ts';
import { databaseOptions, withDatabase } from './with-database.ts';

/** `turnpike restore`. */
export const restore: Command = {
  name: 'restore',
  summary: 'put a backup into the database',
  description:
    'Puts all of a backup into the database that the configuration names, or nothing if anything is wrong with it. The database must ' +
    'hold nothing yet; with --force, what it holds is lost. A backup of an older program is brought to the newest schema. Gateways ' +
    'that run should be restarted afterwards.',
  parameters: [{ name: 'FILE', count: 'one', about: 'what turnpike backup has written' }],
  options: [
    ...databaseOptions,
    { name: 'force', value: { kind: 'none' }, about: 'in place of what the database holds' },
  ],
  examples: [
    { line: 'turnpike restore turnpike-2026-11-23.jsonl', about: 'into a new database' },
    { line: 'turnpike restore --force turnpike-2026-11-23.jsonl', about: 'back to what was then' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: (given, outputs) => {
    const [file = ''] = given.words;
    if (file === '') throw new UsageError('name a file');
    const isForced = given.has('force');
    return withDatabase({ given, outputs, what: 'nothing was restored' }, async (database) => {
      const answer = await database.restore(file, { isForced });
      return { answer, text: `Revision ${answer.revision}, in ${answer.rows} rows, is in the database` };
    });
  },
};
