import type { Command } from '../../command.ts';
import { EXIT, UsageError } from '../../exit-codes.ts';
import { databaseOptions, withDatabase } from './with-database.ts';

/** `turnpike backup`. */
export const backup: Command = {
  name: 'backup',
  summary: 'write all that the database holds to a file',
  description:
    'Writes everything that was steered over the admin API, with its history, keys and audit log, as it is at one moment; gateways ' +
    'go on meanwhile. The file is JSON Lines with a checksum, and good for SQLite and PostgreSQL alike. Secrets stay encrypted in it: ' +
    'keep the keys of stores.database.encryption elsewhere (for SQLite without any, the file .key beside the database).',
  parameters: [{ name: 'FILE', count: 'one', about: 'a file that is not there yet' }],
  options: databaseOptions,
  examples: [{ line: 'turnpike backup turnpike-$(date +%F).jsonl', about: 'one for each day' }],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: (given, outputs) => {
    const [file = ''] = given.words;
    if (file === '') throw new UsageError('name a file');
    return withDatabase({ given, outputs, what: 'there is no backup' }, async (database) => {
      const answer = await database.backup(file);
      return { answer, text: `Revision ${answer.revision}, in ${answer.rows} rows, is in ${file}` };
    });
  },
};
