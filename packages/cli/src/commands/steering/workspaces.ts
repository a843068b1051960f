import { type Call, limitOption, listOf, pathOf, resourceCommand, show, table } from './resource.ts';

interface Workspace {
  readonly name: string;
  readonly description: string;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/** `turnpike workspaces`. */
export const workspaces = resourceCommand({
  name: 'workspaces',
  summary: 'parts of a gateway for teams: list, put, delete',
  description:
    'A workspace groups objects, and may bound which hosts and paths the routes in it take. Objects of a workspace name those of their ' +
    'own workspace, of "default" and of files.',
  actions: {
    list: { takes: '', about: 'all of them', words: [0, 0], options: ['limit'], run: list },
    put: {
      takes: 'NAME',
      about: 'make or change one',
      words: [1, 1],
      options: ['host', 'path', 'description'],
      run: put,
    },
    delete: { takes: 'NAME', about: 'an empty one', words: [1, 1], options: [], run: remove },
  },
  options: [
    {
      name: 'host',
      value: { kind: 'list', name: 'HOST' },
      about: 'put: a host that its routes may take, or *.SUFFIX',
    },
    {
      name: 'path',
      value: { kind: 'list', name: 'PATH' },
      about: 'put: a beginning of paths that they may take',
    },
    { name: 'description', value: { kind: 'text', name: 'TEXT' }, about: 'put: for people' },
    limitOption,
  ],
  examples: [
    { line: 'turnpike workspaces list', about: 'which there are' },
    { line: "turnpike workspaces put payments --host '*.pay.example' --path /pay/", about: 'with bounds' },
  ],
});

async function list(call: Call): Promise<void> {
  show(await listOf<Workspace>('/v1/workspaces', {}, call), call, (all, paint) => {
    const rows = all.map(({ name, hosts, paths, description }) => [
      name,
      orAny(hosts),
      orAny(paths),
      description,
    ]);
    return table(['NAME', 'HOSTS', 'PATHS', 'ABOUT'], rows, { paint, none: 'there are no workspaces' });
  });
}

function orAny(list: readonly string[]): string {
  return list.length === 0 ? 'any' : list.join(', ');
}

async function put(call: Call): Promise<void> {
  const { given, client, words } = call;
  const [hosts, paths, description = ''] = [
    given.list('host'),
    given.list('path'),
    given.text('description'),
  ];
  const made = await client.ask<Workspace>('PUT', pathOf('workspaces', words[0] ?? ''), {
    hosts,
    paths,
    description,
  });
  show(made, call, ({ name }) => [`done: ${name}`]);
}

async function remove(call: Call): Promise<void> {
  const name = call.words[0] ?? '';
  await call.client.ask('DELETE', pathOf('workspaces', name));
  show({ deleted: name }, call, ({ deleted }) => [`gone: ${deleted}`]);
}
