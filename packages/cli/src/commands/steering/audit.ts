import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command } from '../../command.ts';
import { EXIT } from '../../exit-codes.ts';
import { jsonOption, limitOption, listOf, show, table, timeText } from './resource.ts';

interface Entry {
  readonly at: number;
  readonly author: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: string;
  readonly revision: number | null;
  readonly detail: string;
}

/** `turnpike audit`. */
export const audit: Command = {
  name: 'audit',
  summary: 'show who did what on the admin API',
  description:
    'Shows the audit log of the admin API, newest first: changes, keys, tokens, purges, logins that failed.',
  parameters: [],
  options: [
    { name: 'author', value: { kind: 'text', name: 'NAME' }, about: 'only what this one did' },
    { name: 'action', value: { kind: 'text', name: 'ACTION' }, about: 'only this, such as object.put' },
    limitOption,
    jsonOption,
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike audit', about: 'the last hundred' },
    { line: 'turnpike audit --action key.create --author ci', about: 'who made that key?' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const query = { author: given.text('author'), action: given.text('action') };
    const found = await listOf<Entry>('/v1/audit', query, { given, outputs, client: adminClient(given) });
    show(found, { given, outputs }, (entries, paint) => {
      const rows = entries.map(({ at, author, address, action, target, outcome, revision, detail }) => [
        timeText(at),
        `${author} (${address})`,
        action,
        target,
        outcome,
        revision === null ? '-' : String(revision),
        detail,
      ]);
      const titles = ['AT', 'BY', 'ACTION', 'ON', 'OUTCOME', 'REVISION', 'DETAIL'];
      return table(titles, rows, { paint, none: 'there is nothing in the log' });
    });
    return EXIT.ok;
  },
};
