import type { Command } from '../../command.ts';
import { EXIT, UsageError } from '../../exit-codes.ts';
import { plural } from '../../output/plural.ts';
import { databaseOptions, withDatabase } from './with-database.ts';

/** `turnpike secrets`. */
export const secrets: Command = {
  name: 'secrets',
  summary: 'encrypt the secrets in the database with another key',
  description:
    '"rotate" encrypts every secret in the database, in old revisions too, with the first of stores.database.encryption.keys. To ' +
    'change a key: put the new one before the old, reload or restart all gateways, run this, restart them, and take the old one out.',
  parameters: [{ name: 'ACTION', count: 'one', about: 'rotate', choices: ['rotate'] }],
  options: databaseOptions,
  examples: [{ line: 'turnpike secrets rotate', about: 'with the keys of gateway.yaml, in this directory' }],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: (given, outputs) => {
    const [action] = given.words;
    if (action !== 'rotate') throw new UsageError(`there is no action "${action ?? ''}"; there is rotate`);
    return withDatabase({ given, outputs, what: 'not all secrets were encrypted anew' }, async (database) => {
      const count = await database.rotateSecrets();
      const answer = { secrets: count };
      if (count === 0) return { answer, text: 'All are encrypted with the first key' };
      return { answer, text: `${plural(count, 'secret')} encrypted anew` };
    });
  },
};
