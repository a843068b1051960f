import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command, Given, Option, Parameter } from '../../command.ts';
import { EXIT } from '../../exit-codes.ts';
import {
  type Ask,
  type Change,
  changeOptions,
  dryRun,
  makeChange,
  orRejected,
  terminalAsk,
} from './change.ts';
import { planLines } from './plan-text.ts';
import { readDocuments } from './read-documents.ts';
import { jsonOption, show, workspaceOption } from './resource.ts';

const FILES: Parameter = {
  name: 'FILE',
  count: 'some',
  about: 'documents with sections of objects, in YAML or JSON; several are merged, - is standard input',
};

const replaceOption: Option = {
  name: 'replace',
  value: { kind: 'none' },
  about: 'what the workspace has and the documents have not is removed',
};

const DOCUMENTS =
  'A document has sections as a configuration file has them: services, routes, apis, consumers, identityProviders, lists and certificates. All the ' +
  'rest stands in files only.';

/** `turnpike diff`. */
export const diff: Command = {
  name: 'diff',
  summary: 'compare documents with what the database of a gateway holds',
  description:
    'Shows what "turnpike apply" would change, what is risky about it, and whether the gateway would take it. Nothing is changed.\n\n' +
    `${DOCUMENTS}\n\nExits with 0 if there is no difference and with 1 if there is one, as diff does.`,
  parameters: [FILES],
  options: [replaceOption, workspaceOption, jsonOption, ...adminOptions],
  examples: [
    { line: 'turnpike diff objects.yaml', about: 'what would be added and changed' },
    { line: 'turnpike diff --replace objects.yaml', about: 'and removed' },
    { line: 'turnpike diff objects/*.yaml || turnpike apply objects/*.yaml', about: 'only if need be' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const change = await changeOf(given);
    return orRejected({ places: change.places, outputs }, async () => {
      const { plan } = await dryRun(change, adminClient(given));
      show(plan, { given, outputs }, planLines);
      return plan.changes.length === 0 ? EXIT.ok : EXIT.failure;
    });
  },
};

/** `turnpike apply`. */
export function applyWith(ask: () => Ask): Command {
  return {
    name: 'apply',
    summary: 'put documents into the database of a gateway',
    description:
      'Puts objects into the database of a gateway, all of them in one revision or none. Shows first what changes and what is risky ' +
      'about it; where a risk is high it asks, and without a terminal it wants --yes.\n\n' +
      DOCUMENTS,
    parameters: [FILES],
    options: [replaceOption, workspaceOption, ...changeOptions, jsonOption, ...adminOptions],
    examples: [
      { line: 'turnpike apply objects.yaml', about: 'add and change what is in it' },
      { line: 'turnpike apply --replace --workspace payments payments/*.yaml', about: 'and remove all else' },
      { line: 'turnpike apply --dry-run objects.yaml', about: 'only show what it would do' },
      { line: "turnpike apply --yes --message 'issue 42' objects.yaml", about: 'in a pipeline' },
    ],
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
    run: async (given, outputs) => {
      const call = { given, words: given.words, client: adminClient(given), outputs };
      return makeChange(await changeOf(given), call, ask());
    },
  };
}

/** `turnpike apply`, which asks on the terminal. */
export const apply = applyWith(terminalAsk);

async function changeOf(given: Given): Promise<Change> {
  const mode = given.has('replace') ? 'replace' : 'merge';
  const query = { mode, workspace: given.text('workspace') };
  const { value: body, places } = await readDocuments(given.words);
  return { method: 'POST', path: '/v1/apply', query, body, places };
}
