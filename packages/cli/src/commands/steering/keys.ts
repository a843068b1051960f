import type { Paint } from '../../output/terminal.ts';
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

interface KeyView {
  readonly id: string;
  readonly label: string;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** `turnpike keys`. */
export const keys = resourceCommand({
  name: 'keys',
  summary: 'the API keys of a consumer: list, create, rotate, revoke',
  description:
    'Keys that a gateway gives out are kept as digests: a new one is printed once, and nobody can know it again. To rotate one is to ' +
    'make another and to let the old one end after a while, so that whoever uses it has time to change.',
  subject: { name: 'CONSUMER', count: 'one', about: 'whose keys', choices: [] },
  actions: {
    list: { takes: '', about: 'all of them, without the keys', words: [0, 0], options: ['limit'], run: list },
    create: {
      takes: '',
      about: 'print a new one',
      words: [0, 0],
      options: ['label', 'expires'],
      run: create,
    },
    rotate: {
      takes: 'ID',
      about: 'print another one; the old one ends after --overlap',
      words: [1, 1],
      options: ['overlap'],
      run: rotate,
    },
    revoke: {
      takes: 'ID',
      about: 'for good; gateways refuse it within a second',
      words: [1, 1],
      options: [],
      run: revoke,
    },
  },
  options: [
    { name: 'label', value: { kind: 'text', name: 'TEXT' }, about: 'create: for people' },
    { name: 'expires', value: { kind: 'text', name: 'TIME' }, about: 'create: it ends after this time: 90d' },
    {
      name: 'overlap',
      value: { kind: 'text', name: 'TIME' },
      about: 'rotate: how long the old one is good yet (default: 24h)',
    },
    limitOption,
  ],
  examples: [
    { line: 'turnpike keys acme list', about: 'which keys there are, and when they were used' },
    { line: "turnpike keys acme create --label 'nightly job' --expires 90d", about: 'a new one' },
    { line: 'turnpike keys acme rotate tp_Ab3dE6gH --overlap 1h', about: 'another in its place' },
    { line: 'turnpike keys acme revoke tp_Ab3dE6gH', about: 'it was stolen' },
  ],
});

async function list(call: Call): Promise<void> {
  const found = await listOf<KeyView>(base(call), {}, call);
  show(found, call, (all, paint) => lines(all, paint));
}

function lines(all: readonly KeyView[], paint: Paint): string[] {
  const rows = all.map(({ id, label, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt }) => [
    id,
    label === '' ? '-' : label,
    `${timeText(createdAt)} by ${createdBy}`,
    revokedAt === null ? timeText(expiresAt) : `revoked ${timeText(revokedAt)}`,
    timeText(lastUsedAt),
  ]);
  return table(['ID', 'LABEL', 'MADE', 'ENDS', 'LAST USED'], rows, { paint, none: 'there are no keys' });
}

async function create(call: Call): Promise<void> {
  const [label, expiresIn] = [call.given.text('label'), call.given.text('expires')];
  const body = { ...(label !== undefined && { label }), ...(expiresIn !== undefined && { expiresIn }) };
  await print(await call.client.ask('POST', base(call), body), call);
}

async function rotate(call: Call): Promise<void> {
  const overlap = call.given.text('overlap');
  const path = `${base(call)}/${encodeURIComponent(call.words[1] ?? '')}/rotate`;
  await print(await call.client.ask('POST', path, overlap === undefined ? {} : { overlap }), call);
}

/** The key alone goes to standard output, so that it can be piped to where it is kept. */
async function print(made: KeyView & { readonly key: string }, call: Call): Promise<void> {
  show(made, call, ({ key }) => [key]);
  call.outputs.err.print(`It is shown only now. It ends: ${timeText(made.expiresAt)}`);
}

async function revoke(call: Call): Promise<void> {
  const path = `${base(call)}/${encodeURIComponent(call.words[1] ?? '')}`;
  show(await call.client.ask<KeyView>('DELETE', path), call, ({ id }) => [`revoked: ${id}`]);
}

function base({ words: [consumer = ''] }: Call): string {
  return pathOf('consumers', consumer, 'keys');
}
