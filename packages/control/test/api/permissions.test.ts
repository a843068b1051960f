// Every operation × every role × every workspace, made from the OpenAPI document: an operation that is new is in here by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Kit } from '../../src/api/kit.ts';
import { operations } from '../../src/api/operations.ts';
import { ROLES } from '../../src/domain/callers.ts';
import { calm, openWorld, SCENARIOS, type World } from './scenarios.ts';

type Needed = {
  readonly 'x-role': string;
  readonly 'x-within'?: string;
  readonly operationId: string;
  readonly 'x-gateway'?: boolean;
};

/** Scenarios are about objects of the workspace `team`. */
const CALLERS = [
  '',
  'none',
  ...ROLES,
  ...ROLES.flatMap((role) => ['team', 'other', 'default'].map((workspace) => `${role}@${workspace}`)),
  'viewer,editor@team',
  'viewer@team,admin@other',
];

/** Where the scenario of an operation is about another workspace than `team`. */
const ABOUT: Readonly<Record<string, string>> = {};

let world: World;
let needs: readonly (Needed & { readonly method: string })[];

before(async () => {
  world = await openWorld();
  const { json } = await world.ask('GET', '/openapi.json', { as: '' });
  const { paths } = json as { paths: Record<string, Record<string, Needed>> };
  needs = Object.values(paths)
    .flatMap((methods) => Object.entries(methods).map(([method, one]) => ({ ...one, method })))
    .filter((one) => one['x-gateway'] !== true);
});

after(() => world[Symbol.asyncDispose]());

/** What the document promises; knows nothing of how the program decides. */
function mayCall(caller: string, { 'x-role': role, 'x-within': within, operationId }: Needed): boolean {
  if (role === 'anyone') return true;
  const held = caller.split(',').map((one) => one.split('@'));
  return held.some(([has = '', workspace]) => {
    const isEnough = ROLES.indexOf(has as 'viewer') >= ROLES.indexOf(role as 'viewer');
    if (!isEnough || workspace === undefined) return isEnough;
    return within === 'any' || (within === 'workspace' && workspace === (ABOUT[operationId] ?? 'team'));
  });
}

describe('permissions', () => {
  it('are told for every operation', () => {
    assert.equal(needs.length, operations({ ports: {} } as Kit).length);
    for (const { operationId, ...one } of needs) {
      assert.ok(['anyone', ...ROLES].includes(one['x-role']), operationId);
      assert.ok(
        one['x-role'] === 'anyone' || ['everywhere', 'workspace', 'any'].includes(one['x-within'] ?? ''),
      );
    }
  });

  for (const caller of CALLERS) {
    it(`hold for ${caller === '' ? 'nobody' : caller}, in every operation`, async () => {
      for (const needed of needs) {
        const scenarios = SCENARIOS[needed.operationId] ?? {};
        const success = Object.keys(scenarios).find((way) => /^[23]/.test(way)) ?? '';
        const scenario = scenarios[success];
        assert.ok(scenario, needed.operationId);
        const isAllowed = mayCall(caller, needed);
        // What is refused changes nothing, so it needs no world of its own.
        const { path, ...asking } = await scenario(world);
        const before = isAllowed ? null : await stateOf(world);
        const { status, json } = await world.ask(needed.method.toUpperCase(), path, {
          ...asking,
          as: caller,
        });
        const told = `${caller} ${needed.operationId}: ${status}`;
        if (isAllowed && !(caller === '' && needed.operationId === 'getMe')) {
          assert.equal(String(status), success, told);
        } else {
          assert.equal(status, caller === '' ? 401 : 403, told);
          assert.match(
            (json as { code: string }).code,
            caller === '' ? /^UNAUTHORIZED$/ : /^FORBIDDEN_ROLE$/,
            told,
          );
          assert.deepEqual(await stateOf(world), before ?? (await stateOf(world)), told);
        }
        await calm(world);
      }
    });
  }

  it('write down who was refused what', async () => {
    await world.ask('PUT', '/v1/workspaces/team', { body: {}, as: 'editor' });
    const { json } = await world.ask('GET', '/v1/audit?action=access.refused&author=editor&limit=1');
    const [entry] = (json as { items: { outcome: string; target: string; detail: string }[] }).items;
    assert.equal(entry?.outcome, 'refused');
    assert.equal(entry?.target, 'PUT /v1/workspaces/team');
    assert.equal(entry?.detail, 'putWorkspace needs admin');
  });

  it('are refused without end, but not written down without end', async () => {
    await using limited = await openWorld({ ports: { writes: { perSecond: 1e-3, burst: 3 } } });
    for (let i = 0; i < 6; i++) {
      assert.equal((await limited.ask('GET', '/v1/tokens', { as: 'viewer' })).status, 403);
      assert.equal(
        (await limited.ask('PUT', '/v1/workspaces/x', { as: 'editor', body: {} })).status,
        i < 3 ? 403 : 429,
      );
    }
    const { items } = await limited.store.audit.list({ workspaces: null }, { limit: 100, after: null });
    assert.deepEqual(items.map(({ author }) => author).sort(), [
      'editor',
      'editor',
      'editor',
      'viewer',
      'viewer',
      'viewer',
    ]);
  });

  it('keep lists, exports and histories to the workspaces of the caller', async () => {
    const paths = [
      '/v1/services',
      '/v1/consumers',
      '/v1/export',
      '/v1/revisions/1',
      '/v1/revisions',
      '/v1/workspaces',
    ];
    for (const path of [...paths, '/v1/services?q=theirs']) {
      const { status, text } = await world.ask('GET', path, { as: 'viewer@team' });
      assert.equal(status, 200, text);
      assert.ok(!text.includes('theirs'), `${path} tells of another workspace`);
      assert.doesNotMatch(text, /"pinned": \{|"name": "pinned"/, `${path} tells of the default workspace`);
    }
    const all = await world.ask('GET', '/v1/services', { as: 'viewer' });
    assert.ok(all.text.includes('theirs-services') && all.text.includes('pinned'));
  });

  it('ask for the role in a workspace that is named', async () => {
    for (const path of ['/v1/services', '/v1/export']) {
      assert.equal((await world.ask('GET', `${path}?workspace=other`, { as: 'admin@team' })).status, 403);
      assert.equal((await world.ask('GET', `${path}?workspace=team`, { as: 'viewer@team' })).status, 200);
    }
  });

  it('ask for the role in the workspace that has an object, whatever the caller names', async () => {
    const asking = { as: 'admin@team', body: { endpoints: ['http://10.0.0.9:80'] } };
    const taken = await world.ask('PUT', '/v1/services/theirs-services?workspace=team', asking);
    assert.equal(taken.status, 403);
    const pinned = await world.ask('GET', '/v1/services/pinned?workspace=team', { as: 'admin@team' });
    assert.equal(pinned.status, 403, 'objects of files are of the default workspace');
    const keys = await world.ask('GET', '/v1/consumers/theirs-consumers/keys', { as: 'admin@team' });
    assert.equal(keys.status, 403);
  });
});

/** Whatever a change could change. */
async function stateOf({ store }: World): Promise<unknown> {
  const [head, keys, tokens, workspaces, rollout] = await Promise.all([
    store.revisions.head(),
    store.keys.changed(0, 10_000).then((all) => all.length),
    store.tokens.list().then((all) => all.length),
    store.workspaces.list(),
    store.fleet.rollout(),
  ]);
  // Its times are told by the clock of the database, which is not read in the same moment twice.
  const timeless = rollout && { ...rollout, startedAt: 0, steppedAt: 0 };
  return { head, keys, tokens, workspaces, rollout: timeless };
}
