import type { Command } from '../../command.ts';
import { EXIT } from '../../exit-codes.ts';
import { plural } from '../../output/plural.ts';
import { databaseOptions, withDatabase } from './with-database.ts';

/** `turnpike migrate`. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'bring the schema of the database to that of this program',
  description:
    'A gateway does so by itself when it starts, so this is for those who want it done before, or by somebody else. It only goes ' +
    'forward: make a backup first. Of several that do this at the same moment one does it, and the others wait.',
  parameters: [],
  options: databaseOptions,
  examples: [{ line: 'turnpike migrate', about: 'the database of gateway.yaml, in this directory' }],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: (given, outputs) =>
    withDatabase({ given, outputs, what: 'the schema was not changed' }, async (database) => {
      const answer = await database.migrate();
      const { steps } = answer;
      if (steps.length === 0) return { answer, text: 'The schema is the newest' };
      return { answer, text: `${plural(steps.length, 'step')}: ${steps.join(', ')}` };
    }),
};
