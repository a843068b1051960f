import { writeYaml } from '@turnpike/config/load';
import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command, Parameter } from '../../command.ts';
import { EXIT, UsageError } from '../../exit-codes.ts';
import { changeOptions, makeChange, terminalAsk } from './change.ts';
import { KINDS, kindOf, sectionOf } from './kinds.ts';
import { readObject } from './read-documents.ts';
import {
  type Call,
  jsonOption,
  limitOption,
  listOf,
  pathOf,
  show,
  table,
  workspaceOption,
} from './resource.ts';

/** An object as the admin API shows it. */
interface ObjectView {
  readonly kind: string;
  readonly name: string;
  readonly workspace: string;
  readonly owner: 'database' | 'files';
  readonly document: object;
  readonly revision: number | null;
  readonly origin: { readonly file: string; readonly line: number } | null;
  readonly status: { readonly state: string; readonly reason: string };
}

const KIND: Parameter = { name: 'KIND', count: 'one', about: KINDS.join(', '), choices: KINDS };
const NAME: Parameter = { name: 'NAME', count: 'one', about: 'of the object', choices: [] };

/** `turnpike get`. */
export const get: Command = {
  name: 'get',
  summary: 'list objects of a gateway, or show one',
  description:
    'Lists objects of one kind, those of files and those of the database, with how they do. With a name it shows the object as it is ' +
    'written, without its secrets.',
  parameters: [KIND, { name: 'NAME', count: 'any', about: 'of one object', choices: [] }],
  options: [
    workspaceOption,
    {
      name: 'search',
      short: 'q',
      value: { kind: 'text', name: 'TEXT' },
      about: 'only with this in the name',
    },
    limitOption,
    jsonOption,
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike get routes', about: 'all of them' },
    { line: 'turnpike get services users', about: 'one, as it is written' },
    { line: 'turnpike get routes --json', about: 'with their documents, for programs' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [kind = '', name, ...more] = given.words;
    if (more.length > 0) throw new UsageError('get takes a kind, and one name at most');
    const call: Call = { given, words: given.words, client: adminClient(given), outputs };
    if (name === undefined) await list(kindOf(kind), call);
    else await showOne(kindOf(kind), name, call);
    return EXIT.ok;
  },
};

async function list(kind: string, call: Call): Promise<void> {
  const { given } = call;
  const query = { workspace: given.text('workspace'), q: given.text('search') };
  const objects = await listOf<ObjectView>(pathOf(kind), query, call);
  show(objects, call, (all, paint) => {
    const rows = all.map(({ name, workspace, owner, revision, origin, status }) => [
      name,
      workspace,
      owner === 'files' ? `${origin?.file ?? 'files'}:${origin?.line ?? ''}` : `revision ${revision}`,
      status.state,
      status.reason,
    ]);
    const titles = ['NAME', 'WORKSPACE', 'FROM', 'STATE', 'WHY'];
    return table(titles, rows, { paint, none: `there are no ${kind}` });
  });
}

async function showOne(kind: string, name: string, call: Call): Promise<void> {
  const object = await call.client.ask<ObjectView>('GET', pathOf(kind, name));
  show(object, call, ({ document, status }) => {
    const notes = status.state === 'active' ? [] : [`# ${status.state}: ${status.reason}`];
    return [...notes, writeYaml(document).trimEnd()];
  });
}

/** `turnpike put`. */
export const put: Command = {
  name: 'put',
  summary: 'make or replace one object of a gateway',
  description:
    'Puts one object into the database of a gateway. The file has what stands below the name in a configuration file, in YAML or JSON. ' +
    'Shows first what changes and what is risky about it, as "turnpike apply" does. *** in place of a secret keeps it.',
  parameters: [KIND, NAME, { name: 'FILE', count: 'one', about: 'with the object; - is standard input' }],
  options: [workspaceOption, ...changeOptions, jsonOption, ...adminOptions],
  examples: [
    { line: 'turnpike put routes user user.yaml', about: 'from a file' },
    {
      line: "echo '{ endpoints: [http://10.0.0.7:8080] }' | turnpike put services users -",
      about: 'from standard input',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const [kind = '', name = '', file = ''] = given.words;
    const call: Call = { given, words: given.words, client: adminClient(given), outputs };
    const { value: body, places } = await readObject(file, [sectionOf(kindOf(kind)), name]);
    const query = { workspace: given.text('workspace') };
    const change = { method: 'PUT', path: pathOf(kindOf(kind), name), query, body, places } as const;
    return makeChange(change, call, terminalAsk());
  },
};

/** `turnpike delete`. */
export const remove: Command = {
  name: 'delete',
  summary: 'remove one object of a gateway',
  description:
    'Removes one object from the database of a gateway, unless others need it. Shows first what is risky about it.',
  parameters: [KIND, NAME],
  options: [...changeOptions, jsonOption, ...adminOptions],
  examples: [
    { line: 'turnpike delete routes user', about: 'one route' },
    { line: 'turnpike delete services users --dry-run', about: 'does anything need it?' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const [kind = '', name = ''] = given.words;
    const call: Call = { given, words: given.words, client: adminClient(given), outputs };
    return makeChange({ method: 'DELETE', path: pathOf(kindOf(kind), name), query: {} }, call, terminalAsk());
  },
};
