import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { alignColumns } from '../output/table.ts';
import { turnpikeVersion } from '../version.ts';

/** `turnpike version`. */
export const version: Command = {
  name: 'version',
  summary: 'print the version, and that of what it runs on',
  description:
    'Prints the version of Turnpike and of the Node.js that runs it, which may be another than the one in PATH: on one that ' +
    'is too old Turnpike starts the one that it brought along. Put this into bug reports.',
  parameters: [],
  options: [],
  examples: [{ line: 'turnpike version', about: 'all of it' }],
  exitCodes: [EXIT.ok],
  run: (_given, { out }) => {
    const rows = [
      ['turnpike', turnpikeVersion()],
      ['node', process.versions.node],
      ['system', `${process.platform} ${process.arch}`],
    ];
    out.print(...alignColumns(rows));
    return Promise.resolve(EXIT.ok);
  },
};
