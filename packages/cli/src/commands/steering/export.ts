import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command } from '../../command.ts';
import { EXIT } from '../../exit-codes.ts';
import { outOption, writeText } from '../write-text.ts';
import { queryOf, workspaceOption } from './resource.ts';

/** `turnpike export`. */
export const exportObjects: Command = {
  name: 'export',
  summary: 'print the objects of the database of a gateway as a configuration document',
  description:
    'Prints what the database of a gateway holds, in the form of a configuration file, sorted, so that it can be kept under version ' +
    'control. Secrets are ***: "turnpike apply" takes that to mean that they stay as they are.',
  parameters: [],
  options: [
    workspaceOption,
    {
      name: 'format',
      value: { kind: 'choice', choices: ['yaml', 'json'], fallback: 'yaml' },
      about: 'what to print',
    },
    outOption,
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike export --out objects.yaml', about: 'everything that one may see' },
    { line: 'turnpike export --workspace payments', about: 'of one team' },
    { line: 'turnpike export | turnpike apply -', about: 'changes nothing' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [workspace, format] = [given.text('workspace'), given.text('format')];
    const { text } = await adminClient(given).exchange({
      method: 'GET',
      path: `/v1/export${queryOf({ workspace, format })}`,
    });
    const pretty = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
    await writeText({ what: 'the document', text: pretty, file: given.text('out') }, outputs);
    return EXIT.ok;
  },
};
