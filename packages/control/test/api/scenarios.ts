import { draftOf, startRollout } from '../../src/db/store-testing.ts';
import { KINDS, type Kind } from '../../src/domain/objects.ts';
import { segmentOf, SINGULAR } from '../../src/api/objects.ts';
import { type Asking, openApi, pairFor, type TestApi } from './api-for-tests.ts';

// A request for every operation and every way in which it can end. What ends in the same way for all of them is made of
// these by the contract test.

/** A database in which there is something of everything, in two workspaces. */
export interface World extends TestApi {
  /** A key of the consumer `mine`. */
  readonly keyId: string;
  readonly tokenId: string;
  /** A name that nothing has yet. */
  fresh(): string;
}

export interface Request extends Asking {
  readonly path: string;
}

/** Prepares the world, and gives the request. */
export type Scenario = (world: World) => Promise<Request> | Request;

/** By the status or by the code of the problem that it ends with. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** Secrets that stand in the world: no answer may have one. */
export const SECRETS = [
  'the-secret-key-0123456789',
  'a-secret-of-a-file-0123456789',
  'the-client-secret-0123456789',
  'PRIVATE KEY',
];

const EXPIRES = '2099-01-01';

/** A document of each kind that fits. */
export const DOCUMENTS: Readonly<Record<Kind, (name: string) => object>> = {
  services: () => ({ endpoints: ['http://10.0.0.7:8080'] }),
  routes: (name) => ({ match: { path: `/${name}` }, service: 'pinned' }),
  apis: (name) => ({ openapi: 'billing.yaml', service: 'pinned', basePath: `/api-${name}` }),
  consumers: (name) => ({ keys: [{ key: `${SECRETS[0]}-${name}`, expires: EXPIRES }] }),
  identityProviders: (name) => ({
    issuer: `https://${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}.example`,
    audiences: ['gateway'],
    introspection: { clientId: 'gateway', clientSecret: SECRETS[2] },
  }),
  lists: () => ({ addresses: ['203.0.113.0/24'] }),
  certificates: (name) => pairFor(`${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}.test`),
};

/** The names of objects of the world: of the workspace `team`. */
export const nameIn = (kind: Kind): string => `mine-${segmentOf(kind)}`;

/** Opens an API and fills its database. */
export async function openWorld(options: Parameters<typeof openApi>[0] = {}): Promise<World> {
  const api = await openApi(options);
  for (const name of ['team', 'other'])
    await api.store.workspaces.put({ name, description: '', hosts: [], paths: [] });
  const changes = KINDS.flatMap((kind) =>
    [nameIn(kind), `theirs-${segmentOf(kind)}`].map((name, i) => {
      const document = DOCUMENTS[kind](name);
      return { kind, name, workspace: i === 0 ? 'team' : 'other', document };
    }),
  );
  const judged = await api.ports.rules.judge(
    [],
    changes.map((one) => ({ ...one, document: one.document as never })),
  );
  if (judged.kind === 'rejected') throw new Error(JSON.stringify(judged.issues));
  const author = { author: 'seed', address: '', origin: 'api', message: 'seed', base: 0, risks: [] } as const;
  await api.store.revisions.commit({ ...author, changes: judged.changes });
  const key = {
    consumer: nameIn('consumers'),
    label: 'first',
    createdBy: 'seed',
    createdAt: 1,
    expiresAt: null,
  };
  const keyId = 'tp_AAAAAAAA';
  await api.store.keys.create({ ...key, id: keyId, digest: 'a'.repeat(64) });
  const tokenId = 'tpa_AAAAAAAA';
  const token = {
    name: 'ci',
    role: 'viewer',
    workspaces: {},
    createdAt: 1,
    createdBy: 'seed',
    expiresAt: null,
  } as const;
  await api.store.tokens.create({ ...token, id: tokenId, digest: 'b'.repeat(64) });
  let count = 0;
  return Object.assign(api, { keyId, tokenId, fresh: () => `fresh-${++count}` });
}

const pathOf = (kind: Kind, name: string): string => `/v1/${segmentOf(kind)}/${name}`;
const base = nameIn('consumers');
const keys = `/v1/consumers/${base}/keys`;

/** Puts an object of its own into the world. */
async function put(world: World, kind: Kind, workspace = 'team'): Promise<string> {
  const name = world.fresh();
  const body = DOCUMENTS[kind](name);
  const answered = await world.ask('PUT', `${pathOf(kind, name)}?workspace=${workspace}`, { body });
  if (answered.status !== 201) throw new Error(answered.text);
  return name;
}

/** A roll-out that is under way; the test ends it. */
async function rolling(world: World): Promise<number> {
  const running = await world.store.fleet.rollout();
  if (running !== null) return running.id;
  return (await startRollout(world.store)).id;
}

/** Ends what is under way. */
export async function calm(world: World): Promise<void> {
  world.database('well');
  const running = await world.store.fleet.rollout();
  if (running !== null) await world.store.fleet.advance(running, { state: 'completed', reason: 'test' });
}

const whileIll =
  (state: 'stale' | 'busy') =>
  (scenario: Scenario): Scenario =>
  async (world) => {
    const request = await scenario(world);
    world.database(state);
    return request;
  };
const [stale, busy] = [whileIll('stale'), whileIll('busy')];

const whileRolling =
  (scenario: Scenario): Scenario =>
  async (world) => {
    const request = await scenario(world);
    await rolling(world);
    return request;
  };

function scenariosOf(kind: Kind): Readonly<Record<string, Scenarios>> {
  const words = (plural: boolean) =>
    (plural ? kind : SINGULAR[kind].replace(' p', 'P')).replace(/^./, (letter) => letter.toUpperCase());
  const at = (name: string, query = '') => `${pathOf(kind, name)}${query}`;
  const mine = nameIn(kind);
  const body = DOCUMENTS[kind](mine);
  const create: Scenario = (world) => {
    const name = world.fresh();
    return { path: at(name, '?workspace=team'), body: DOCUMENTS[kind](name) };
  };
  const remove: Scenario = async (world) => ({ path: at(await put(world, kind)) });
  const inTheWay = { body: DOCUMENTS[kind]('pinned') };
  return {
    [`list${words(true)}`]: { 200: () => ({ path: `/v1/${segmentOf(kind)}` }) },
    [`get${words(false)}`]: {
      200: () => ({ path: at(mine) }),
      304: () => ({ path: at(mine), headers: { 'if-none-match': '"1"' } }),
      NOT_FOUND: () => ({ path: at('nobody', '?workspace=team') }),
    },
    [`put${words(false)}`]: {
      200: () => ({ path: at(mine), body }),
      201: create,
      OWNED_BY_FILES: () => ({ path: at('pinned'), ...inTheWay }),
      OTHER_WORKSPACE: () => ({ path: at(mine, '?workspace=other'), body }),
      ROLLOUT_RUNNING: whileRolling(create),
      STALE: stale(create),
      CHECK_UNAVAILABLE: busy(create),
      PRECONDITION_FAILED: () => ({ path: at(mine), body, headers: { 'if-match': '"999"' } }),
      CONFIG_REJECTED: () => ({ path: at(mine), body: { nonsense: true } }),
    },
    [`delete${words(false)}`]: {
      200: remove,
      NOT_FOUND: () => ({ path: at('nobody', '?workspace=team') }),
      OWNED_BY_FILES: () => ({ path: at('pinned') }),
      OTHER_WORKSPACE: () => ({ path: at(mine, '?workspace=other') }),
      ROLLOUT_RUNNING: whileRolling(remove),
      STALE: stale(remove),
      CHECK_UNAVAILABLE: busy(remove),
      PRECONDITION_FAILED: () => ({ path: at(mine), headers: { 'if-match': '"999"' } }),
      CONFIG_REJECTED: needed(kind),
    },
    [`get${words(false)}History`]: { 200: () => ({ path: at(mine, '/history') }) },
  };
}

/** Removes something that another object needs; what nothing can need goes wrong only together with something else. */
function needed(kind: Kind): Scenario {
  return async (world) => {
    const name = await put(world, kind);
    const route = world.fresh();
    const using: Partial<Record<Kind, object>> = {
      services: { service: name },
      lists: { service: 'pinned', policies: { ipAccess: { allow: [`@${name}`] } } },
      identityProviders: { service: 'pinned', policies: { authenticate: { with: name } } },
    };
    const use = using[kind];
    if (use === undefined) world.database('unfit');
    else {
      const body = { match: { path: `/${route}` }, ...use };
      const answered = await world.ask('PUT', `${pathOf('routes', route)}?workspace=team`, { body });
      if (answered.status !== 201) throw new Error(answered.text);
    }
    return { path: pathOf(kind, name) };
  };
}

const edit: Scenario = (world) => {
  const name = world.fresh();
  return {
    path: '/v1/apply?workspace=team',
    body: { put: { services: { [name]: DOCUMENTS.services(name) } } },
  };
};

const rollout: Scenario = (world) => {
  const name = world.fresh();
  const steps = [{ kind: 'percent', percent: 5 }];
  return { path: '/v1/rollouts', body: { steps, put: { services: { [name]: DOCUMENTS.services(name) } } } };
};

/** Back to the first revision: there is something to undo. */
const back: Scenario = async (world) => {
  await put(world, 'services');
  return { path: '/v1/revisions/1/rollback' };
};

/** The way back of one that has begun. */
const begun: Scenario = async (world) => {
  const started = await world.ask('POST', '/v1/rollouts', { body: (await rollout(world)).body });
  return { path: `/v1/rollouts/${(started.json as { rollout: { id: number } }).rollout.id}/roll-back` };
};

const onRollout =
  (action: string): Scenario =>
  async (world) => ({ path: `/v1/rollouts/${await rolling(world)}/${action}` });

const ended =
  (action: string): Scenario =>
  async (world) => {
    const id = await rolling(world);
    await calm(world);
    return { path: `/v1/rollouts/${id}/${action}` };
  };

function rolloutAction(action: string): Scenarios {
  return {
    200: onRollout(action),
    NOT_FOUND: () => ({ path: `/v1/rollouts/999999/${action}` }),
    ENDED: ended(action),
  };
}

/** An empty workspace. */
async function newWorkspace(world: World): Promise<string> {
  const name = world.fresh();
  await world.store.workspaces.put({ name, description: '', hosts: [], paths: [] });
  return `/v1/workspaces/${name}`;
}

/** A key of its own. */
async function newKey(world: World): Promise<string> {
  const made = await world.ask('POST', keys);
  return (made.json as { id: string }).id;
}

async function revokedKey(world: World): Promise<string> {
  const id = await newKey(world);
  await world.ask('DELETE', `${keys}/${id}`);
  return id;
}

/** Of something that nobody has seen. */
const UNSEEN = { headers: { 'if-match': '"unseen"' } };
const noKey = `${keys}/tp_00000000`;
const nobody = '/v1/consumers/nobody/keys';

/** All of them, by operation. */
export const SCENARIOS: Readonly<Record<string, Scenarios>> = {
  ...Object.assign({}, ...KINDS.map(scenariosOf)),
  listKeys: { 200: () => ({ path: keys }), NOT_FOUND: () => ({ path: nobody }) },
  createKey: {
    201: () => ({ path: keys, body: { label: 'new', expiresIn: '90d' } }),
    NOT_FOUND: () => ({ path: nobody }),
  },
  getKey: {
    200: ({ keyId }) => ({ path: `${keys}/${keyId}` }),
    304: ({ keyId }) => ({ path: `${keys}/${keyId}`, headers: { 'if-none-match': '*' } }),
    NOT_FOUND: () => ({ path: noKey }),
  },
  updateKey: {
    200: ({ keyId }) => ({ path: `${keys}/${keyId}`, body: { label: 'other', expiresAt: null } }),
    NOT_FOUND: () => ({ path: noKey, body: { label: 'x' } }),
    ENDED: async (world) => ({ path: `${keys}/${await revokedKey(world)}`, body: { label: 'x' } }),
    PRECONDITION_FAILED: ({ keyId }) => ({ path: `${keys}/${keyId}`, body: { label: 'x' }, ...UNSEEN }),
  },
  revokeKey: {
    200: async (world) => ({ path: `${keys}/${await newKey(world)}` }),
    NOT_FOUND: () => ({ path: noKey }),
    PRECONDITION_FAILED: ({ keyId }) => ({ path: `${keys}/${keyId}`, ...UNSEEN }),
  },
  rotateKey: {
    201: async (world) => ({ path: `${keys}/${await newKey(world)}/rotate`, body: { overlap: '1h' } }),
    NOT_FOUND: () => ({ path: `${noKey}/rotate` }),
    ENDED: async (world) => ({ path: `${keys}/${await revokedKey(world)}/rotate` }),
    PRECONDITION_FAILED: ({ keyId }) => ({ path: `${keys}/${keyId}/rotate`, ...UNSEEN }),
  },
  apply: {
    200: edit,
    OWNED_BY_FILES: () => ({
      path: '/v1/apply?workspace=team',
      body: { services: { pinned: DOCUMENTS.services('') } },
    }),
    OTHER_WORKSPACE: () => ({
      path: '/v1/apply?workspace=team',
      body: { services: { 'theirs-services': DOCUMENTS.services('') } },
    }),
    ROLLOUT_RUNNING: whileRolling(edit),
    STALE: stale(edit),
    CHECK_UNAVAILABLE: busy(edit),
    PRECONDITION_FAILED: async (world) => ({ ...(await edit(world)), headers: { 'if-match': '"999"' } }),
    CONFIG_REJECTED: () => ({ path: '/v1/apply?workspace=team', body: { listeners: {} } }),
  },
  exportObjects: { 200: () => ({ path: '/v1/export' }) },
  listRevisions: { 200: () => ({ path: '/v1/revisions' }) },
  getRevision: {
    200: () => ({ path: '/v1/revisions/1' }),
    NOT_FOUND: () => ({ path: '/v1/revisions/999999' }),
  },
  diffRevisions: {
    200: () => ({ path: '/v1/revisions/1/diff?to=1' }),
    NOT_FOUND: () => ({ path: '/v1/revisions/1/diff?to=999999' }),
  },
  rollBack: {
    200: back,
    NOT_FOUND: () => ({ path: '/v1/revisions/999999/rollback' }),
    ROLLOUT_RUNNING: whileRolling(back),
    STALE: stale(back),
    CHECK_UNAVAILABLE: busy(back),
    PRECONDITION_FAILED: () => ({ path: '/v1/revisions/1/rollback', headers: { 'if-match': '"999"' } }),
    CONFIG_REJECTED: revisionThatFitsNoMore('/rollback'),
  },
  listWorkspaces: { 200: () => ({ path: '/v1/workspaces' }) },
  getWorkspace: {
    200: () => ({ path: '/v1/workspaces/team' }),
    304: () => ({ path: '/v1/workspaces/team', headers: { 'if-none-match': '*' } }),
    NOT_FOUND: () => ({ path: '/v1/workspaces/nowhere' }),
  },
  putWorkspace: {
    200: () => ({ path: '/v1/workspaces/team', body: { description: '' } }),
    201: (world) => ({
      path: `/v1/workspaces/${world.fresh()}`,
      body: { hosts: ['*.pay.example'], paths: ['/pay/'] },
    }),
    PRECONDITION_FAILED: () => ({ path: '/v1/workspaces/team', body: {}, ...UNSEEN }),
  },
  deleteWorkspace: {
    204: async (world) => ({ path: await newWorkspace(world) }),
    NOT_FOUND: () => ({ path: '/v1/workspaces/nowhere' }),
    IN_USE: () => ({ path: '/v1/workspaces/team' }),
    PRECONDITION_FAILED: async (world) => ({ path: await newWorkspace(world), ...UNSEEN }),
  },
  listTokens: { 200: () => ({ path: '/v1/tokens' }) },
  createToken: {
    201: () => ({
      path: '/v1/tokens',
      body: { name: 'ci', workspaces: { team: 'editor' }, expiresIn: '30d' },
    }),
  },
  getToken: {
    200: ({ tokenId }) => ({ path: `/v1/tokens/${tokenId}` }),
    304: ({ tokenId }) => ({ path: `/v1/tokens/${tokenId}`, headers: { 'if-none-match': '*' } }),
    NOT_FOUND: () => ({ path: '/v1/tokens/tpa_00000000' }),
  },
  deleteToken: {
    204: async (world) => {
      const made = await world.ask('POST', '/v1/tokens', { body: { name: 'ci', role: 'viewer' } });
      return { path: `/v1/tokens/${(made.json as { id: string }).id}` };
    },
    NOT_FOUND: () => ({ path: '/v1/tokens/tpa_00000000' }),
    PRECONDITION_FAILED: ({ tokenId }) => ({ path: `/v1/tokens/${tokenId}`, ...UNSEEN }),
  },
  getMe: { 200: () => ({ path: '/v1/me' }), UNAUTHORIZED: () => ({ path: '/v1/me', as: '' }) },
  enter: {
    200: () => ({ path: '/v1/session', body: { token: 'good' } }),
    UNAUTHORIZED: () => ({ path: '/v1/session', body: { token: 'bad' } }),
    LOGIN_BLOCKED: () => ({ path: '/v1/session', body: { token: 'blocked' } }),
  },
  leave: { 204: () => ({ path: '/v1/session' }) },
  login: {
    302: () => ({ path: '/v1/login' }),
    NOT_FOUND: () => ({ path: '/v1/login?to=off' }),
    LOGIN_FAILED: () => ({ path: '/v1/login?to=refused' }),
    LOGIN_BLOCKED: () => ({ path: '/v1/login?to=blocked' }),
  },
  loginCallback: {
    302: () => ({ path: '/v1/login/callback?state=ours&code=1' }),
    NOT_FOUND: () => ({ path: '/v1/login/callback?state=off' }),
    LOGIN_FAILED: () => ({ path: '/v1/login/callback?state=refused' }),
    LOGIN_BLOCKED: () => ({ path: '/v1/login/callback?state=blocked' }),
  },
  listAudit: { 200: () => ({ path: '/v1/audit' }) },
  getFleet: {
    200: async (world) => {
      const load = { requests: 1, errors: 0, p50Ms: 1, p99Ms: 2, inFlight: 0, cpu: 0.1 };
      const about = {
        name: 'a',
        zone: '',
        version: '0.1.0',
        revision: 1,
        startedAt: 1,
        quarantined: [],
        load,
      };
      await world.store.fleet.report({ id: 'node-1', ...about });
      return { path: '/v1/fleet' };
    },
  },
  listRollouts: { 200: () => ({ path: '/v1/rollouts' }) },
  getRollout: {
    200: async (world) => ({ path: `/v1/rollouts/${await rolling(world)}` }),
    NOT_FOUND: () => ({ path: '/v1/rollouts/999999' }),
  },
  startRollout: {
    200: async (world) => {
      const { path, ...rest } = await rollout(world);
      return { path: `${path}?dryRun=true`, ...rest };
    },
    201: rollout,
    NOT_FOUND: () => ({ path: '/v1/rollouts', body: { steps: [], revision: 999_999 } }),
    OWNED_BY_FILES: () => ({
      path: '/v1/rollouts',
      body: { steps: [], put: { services: { pinned: DOCUMENTS.services('') } } },
    }),
    ROLLOUT_RUNNING: whileRolling(rollout),
    STALE: stale(rollout),
    CHECK_UNAVAILABLE: busy(rollout),
    PRECONDITION_FAILED: async (world) => ({ ...(await rollout(world)), headers: { 'if-match': '"999"' } }),
    CONFIG_REJECTED: () => ({ path: '/v1/rollouts', body: { steps: [], put: { listeners: {} } } }),
  },
  pauseRollout: rolloutAction('pause'),
  resumeRollout: rolloutAction('resume'),
  completeRollout: rolloutAction('complete'),
  rollBackRollout: {
    ...rolloutAction('roll-back'),
    STALE: stale(begun),
    CHECK_UNAVAILABLE: busy(begun),
    CONFIG_REJECTED: async (world) => {
      const name = world.fresh();
      const bad = {
        kind: 'services',
        name,
        workspace: 'team',
        before: null,
        after: { nonsense: true },
      } as const;
      const base = await world.store.revisions.head();
      await world.store.revisions.commit(draftOf(base, [bad], { origin: 'restore' }));
      const { id } = await startRollout(world.store, {}, [{ ...bad, before: bad.after, after: null }]);
      return { path: `/v1/rollouts/${id}/roll-back` };
    },
  },
  getOverview: { 200: () => ({ path: '/v1/overview' }) },
  getTopology: { 200: () => ({ path: '/v1/topology' }) },
  getStatus: { 200: () => ({ path: '/v1/status' }) },
  explain: { 200: () => ({ path: '/v1/explain', body: { url: 'http://shop.example/' } }) },
  getEffective: {
    200: () => ({ path: '/v1/effective' }),
    CONFIG_HIDDEN: (world) => {
      world.database('hidden');
      return { path: '/v1/effective' };
    },
  },
  getSchema: { 200: () => ({ path: '/v1/schema' }) },
  validate: {
    200: () => ({ path: '/v1/validate', body: { services: { new: DOCUMENTS.services('') } } }),
    CHECK_UNAVAILABLE: busy(() => ({
      path: '/v1/validate',
      body: { services: { new: DOCUMENTS.services('') } },
    })),
  },
};

/** A revision that was committed by somebody who checked nothing, as a restored database may have; and one after it. */
async function misfit(world: World): Promise<number> {
  const name = world.fresh();
  const author = { author: 'seed', address: '', origin: 'restore', message: '', risks: [] } as const;
  const bad = { kind: 'services', name, workspace: 'team', before: null, after: { nonsense: true } } as const;
  const base = await world.store.revisions.head();
  await world.store.revisions.commit({ ...author, base, changes: [bad] });
  const gone = { ...bad, before: bad.after, after: null };
  await world.store.revisions.commit({ ...author, base: base + 1, changes: [gone] });
  return base + 1;
}

function revisionThatFitsNoMore(rest: string): Scenario {
  return async (world) => ({ path: `/v1/revisions/${await misfit(world)}${rest}` });
}
