import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_WORKSPACE, type JsonObject, type Kind, type StoredObject } from './objects.ts';
import { judge, type Judgement, type Wish } from './plan.ts';
import type { Sealer } from './sealer.ts';
import { openDocument } from './secrets.ts';
import { objectsOf, steeringOf } from './steering-testing.ts';

const FILE = `services: { s: { endpoints: [http://a] } }
identityProviders: { corporate: { issuer: https://corporate, audiences: [us] } }
`;
const KEY = 'acme-key-of-16-characters';

const sealer: Sealer = {
  seal: (text, { name, pointer }) => `sealed:${name}${pointer}:${text}`,
  open: (sealed, { name, pointer }) => {
    const prefix = `sealed:${name}${pointer}:`;
    if (!sealed.startsWith(prefix)) throw new Error('it was sealed for another place');
    return sealed.slice(prefix.length);
  },
  isSealed: (text) => text.startsWith('sealed:'),
};

function wish(full: string, document: object | null, workspace = DEFAULT_WORKSPACE): Wish {
  const [kind, name] = full.split('.') as [Kind, string];
  return { kind, name, workspace, document: document as JsonObject | null };
}

function judged(
  wishes: readonly Wish[],
  now: readonly StoredObject[] = [],
  workspaces: Parameters<typeof judge>[1]['workspaces'] = [],
): Promise<Judgement> {
  const open = (ref: StoredObject | Wish, document: JsonObject): JsonObject =>
    openDocument(ref, document, sealer);
  const steering = { ...steeringOf(FILE), open: open as never };
  return judge(wishes, { steering, sealer, workspaces, now });
}

function told(judgement: Judgement): string[] {
  return judgement.kind === 'fits'
    ? ['fits']
    : judgement.issues.map(({ code, pointer }) => `${code} ${pointer}`);
}

describe('judge', () => {
  it('gives the changes, sealed, and their risks', async () => {
    const now = objectsOf({
      'routes.a': { match: { path: '/a' }, service: 's', policies: { authenticate: { with: 'corporate' } } },
    });
    const plan = await judged(
      [wish('consumers.acme', { keys: [KEY] }), wish('routes.a', { match: { path: '/a' }, service: 's' })],
      now,
    );
    assert.equal(plan.kind, 'fits');
    if (plan.kind !== 'fits') return;
    assert.deepEqual(plan.changes[0], {
      kind: 'consumers',
      name: 'acme',
      workspace: 'default',
      before: null,
      after: { keys: [`sealed:acme/keys/0:${KEY}`] },
    });
    assert.deepEqual(
      plan.risks.map(({ code, level }) => `${level} ${code}`),
      ['high AUTHENTICATION_REMOVED'],
    );
    assert.deepEqual(plan.warnings, []);
  });

  it('finds no change in what is there already, hidden secrets included', async () => {
    const now = objectsOf({ 'consumers.acme': { keys: [`sealed:acme/keys/0:${KEY}`], plan: 'gold' } });
    for (const document of [
      { plan: 'gold', keys: ['***'] },
      { keys: [KEY], plan: 'gold' },
    ])
      assert.deepEqual(await judged([wish('consumers.acme', document)], now), {
        kind: 'fits',
        changes: [],
        risks: [],
        warnings: [],
      });
  });

  for (const [what, wishes, issues] of [
    ['a fault', [wish('routes.a', { servce: 's' })], ['UNKNOWN_KEY /routes/a/servce']],
    [
      'a secret that is not there',
      [wish('consumers.a', { keys: ['***'] })],
      ['BAD_VALUE /consumers/a/keys/0'],
    ],
    [
      'a sealed secret of another place',
      [wish('consumers.a', { keys: ['sealed:b/keys/0:x'] })],
      ['BAD_VALUE /consumers/a'],
    ],
    ['what others need', [wish('services.used', null)], ['UNKNOWN_NAME /routes/user/service']],
    ['what is too large', [wish('lists.l', { addresses: ['x'.repeat(300_000)] })], ['BAD_VALUE /lists/l']],
    [
      'the place of an older one',
      [wish('routes.b', { match: { path: '/user' }, service: 's' })],
      ['DUPLICATE_ROUTE /routes/b'],
    ],
  ] as const) {
    it(`rejects ${what}`, async () => {
      const now = objectsOf({
        'services.used': { endpoints: ['http://b'] },
        'routes.user': { match: { path: '/user' }, service: 'used' },
      });
      const found = told(await judged(wishes, now));
      assert.deepEqual(found.slice(0, issues.length), issues);
    });
  }

  it('takes things together that need each other, and removes them together', async () => {
    const both = [
      wish('routes.a', { match: { path: '/a' }, service: 'new' }),
      wish('services.new', { endpoints: ['http://b'] }),
    ];
    assert.deepEqual(told(await judged(both)), ['fits']);
    const now = objectsOf({
      'services.new': { endpoints: ['http://b'] },
      'routes.a': { match: { path: '/a' }, service: 'new' },
    });
    assert.deepEqual(told(await judged([wish('services.new', null), wish('routes.a', null)], now)), ['fits']);
  });

  it('takes nothing whose name could be no member', async () => {
    const { kind } = await judged([wish('services.__proto__', { endpoints: ['http://a'] })]);
    assert.equal(kind, 'rejected');
  });

  it('lets others be in quarantine, but puts nobody there', async () => {
    const now = objectsOf({
      'routes.broken': { match: { path: '/broken' }, service: 'gone' },
      'routes.fine': { match: { path: '/fine' }, service: 's' },
    });
    assert.deepEqual(told(await judged([wish('routes.a', { match: { path: '/a' }, service: 's' })], now)), [
      'fits',
    ]);
  });

  it('holds objects to their workspaces', async () => {
    const team = { name: 'team', description: '', hosts: ['*.team.example'], paths: ['/team/'] };
    const other = { name: 'other', description: '', hosts: [], paths: [] };
    const now = [
      ...objectsOf({ 'services.shared': { endpoints: ['http://b'] } }),
      ...objectsOf({ 'services.others': { endpoints: ['http://c'] } }, 'other'),
      ...objectsOf({ 'services.own': { endpoints: ['http://d'] } }, 'team'),
    ];
    const route = (path: string, hosts: readonly string[], service: string) =>
      judged([wish('routes.r', { match: { path, hosts }, service }, 'team')], now, [team, other]);
    for (const service of ['s', 'shared', 'own'])
      assert.deepEqual(told(await route('/team/a', ['A.team.example'], service)), ['fits'], service);
    for (const [path, hosts, service] of [
      ['/team/a', ['a.team.example'], 'others'],
      ['/teams', ['a.team.example'], 'own'],
      ['/{team}/a', ['a.team.example'], 'own'],
      ['/team/a', [], 'own'],
      ['/team/a', ['team.example'], 'own'],
      ['/team/a', ['a.team.example', 'b.example'], 'own'],
    ] as const)
      assert.deepEqual(
        told(await route(path, hosts, service)),
        ['NOT_ALLOWED /routes/r'],
        `${path} ${hosts.join()}`,
      );
  });
});
