import { UsageError } from '../../exit-codes.ts';
import {
  type Call,
  limitOption,
  listOf,
  pathOf,
  resourceCommand,
  show,
  table,
  timeText,
} from './resource.ts';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly workspaces: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

const ROLES = ['viewer', 'editor', 'admin'];

/** `turnpike tokens`. */
export const tokens = resourceCommand({
  name: 'tokens',
  summary: 'tokens of the admin API: list, create, delete',
  description:
    'Tokens with which people and programs use the admin API. Roles are viewer, editor and admin, in all workspaces or in some. A new ' +
    'token is printed once. Those of configuration files are not among them.',
  actions: {
    list: {
      takes: '',
      about: 'all of them, without the tokens',
      words: [0, 0],
      options: ['limit'],
      run: list,
    },
    create: {
      takes: 'NAME',
      about: 'print a new one',
      words: [1, 1],
      options: ['role', 'in', 'expires'],
      run: create,
    },
    delete: { takes: 'ID', about: 'it is not good any more', words: [1, 1], options: [], run: remove },
  },
  options: [
    {
      name: 'role',
      value: { kind: 'text', name: 'ROLE' },
      about: 'create: viewer, editor or admin, in all workspaces',
    },
    { name: 'in', value: { kind: 'list', name: 'WORKSPACE=ROLE' }, about: 'create: a role in one workspace' },
    { name: 'expires', value: { kind: 'text', name: 'TIME' }, about: 'create: it ends after this time: 90d' },
    limitOption,
  ],
  examples: [
    {
      line: 'turnpike tokens create ci --in payments=editor --expires 90d',
      about: 'for a pipeline of one team',
    },
    { line: 'turnpike tokens list', about: 'which there are, and when they were used' },
  ],
});

async function list(call: Call): Promise<void> {
  show(await listOf<Token>('/v1/tokens', {}, call), call, (all, paint) => {
    const rows = all.map(({ id, name, role, workspaces, createdAt, createdBy, expiresAt, lastUsedAt }) => [
      id,
      name,
      [role ?? [], Object.entries(workspaces).map(([workspace, held]) => `${held} in ${workspace}`)]
        .flat()
        .join(', '),
      `${timeText(createdAt)} by ${createdBy}`,
      timeText(expiresAt),
      timeText(lastUsedAt),
    ]);
    return table(['ID', 'NAME', 'ROLE', 'MADE', 'ENDS', 'LAST USED'], rows, {
      paint,
      none: 'there are no tokens',
    });
  });
}

async function create(call: Call): Promise<void> {
  const { given, client, words } = call;
  const [role, expiresIn] = [given.text('role'), given.text('expires')];
  if (role !== undefined && !ROLES.includes(role))
    throw new UsageError(`--role is one of ${ROLES.join(', ')}`);
  const made = await client.ask<Token & { readonly token: string }>('POST', pathOf('tokens'), {
    name: words[0] ?? '',
    role: role ?? null,
    workspaces: Object.fromEntries(given.list('in').map(roleIn)),
    ...(expiresIn !== undefined && { expiresIn }),
  });
  show(made, call, ({ token }) => [token]);
  call.outputs.err.print(`It is shown only now. It ends: ${timeText(made.expiresAt)}`);
}

function roleIn(text: string): [string, string] {
  const [, workspace = '', role = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!ROLES.includes(role))
    throw new UsageError(`"${text}" is no role in a workspace; write payments=editor`);
  return [workspace, role];
}

async function remove(call: Call): Promise<void> {
  const id = call.words[0] ?? '';
  await call.client.ask('DELETE', pathOf('tokens', id));
  show({ deleted: id }, call, ({ deleted }) => [`gone: ${deleted}`]);
}
