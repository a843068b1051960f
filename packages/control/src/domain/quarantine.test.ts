import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ObjectVersion } from './objects.ts';
import { steeredLoad } from './quarantine.ts';
import { quarantinedOf, type Steered, statusOf } from './statuses.ts';
import { objectsOf, steeringOf } from './steering-testing.ts';

const FILE = 'services: { s: { endpoints: [http://a] } }\n';

function version(full: string, revision: number, document: object | null): ObjectVersion {
  const [object] = objectsOf({ [full]: document ?? {} });
  assert.ok(object);
  return { ...object, revision, document: document === null ? null : object.document };
}

function routesOf({ loaded }: Steered): string[] | undefined {
  return loaded.config?.routes.map(({ id }) => id);
}

describe('steeredLoad', () => {
  it('takes what fits, and tells that it is active', async () => {
    const objects = objectsOf({ 'routes.a': { service: 's' } });
    const steered = await steeredLoad(steeringOf(FILE), objects);
    assert.deepEqual(routesOf(steered), ['a']);
    assert.ok(objects[0]);
    assert.deepEqual(statusOf(steered, objects[0]), {
      state: 'active',
      reason: '',
      usedRevision: 1,
      issues: [],
    });
  });

  it('leaves out what does not fit, and takes the rest', async () => {
    const objects = objectsOf({
      'routes.a': { match: { path: '/a' }, service: 's' },
      'routes.b': { match: { path: 5 }, service: 's' },
      'routes.c': { match: { path: '/c' }, service: 'gone' },
      'consumers.d': { keys: ['${env:MISSING}'] },
    });
    const steered = await steeredLoad(steeringOf(FILE), objects);
    assert.deepEqual(routesOf(steered), ['a']);
    assert.deepEqual(quarantinedOf(steered), ['consumers.d', 'routes.b', 'routes.c']);
    assert.match(steered.exceptions.get('routes.b')?.reason ?? '', /routes\.b\.match\.path: expected/);
    assert.match(steered.exceptions.get('consumers.d')?.reason ?? '', /MISSING/);
  });

  it('puts the last version that fits in its place', async () => {
    const older = [
      version('routes.a', 1, { match: { path: '/oldest' }, service: 's' }),
      version('routes.a', 2, { match: { path: '/old' }, service: 's' }),
      version('routes.a', 3, null),
      version('routes.a', 4, { match: { path: '/bad' }, service: 'nobody' }),
    ];
    const [object] = objectsOf({ 'routes.a': { service: 5 } });
    assert.ok(object);
    const current = { ...object, revision: 5 };
    const steered = await steeredLoad(steeringOf(FILE, older), [current]);
    assert.equal(steered.loaded.config?.routes[0]?.match.path, '/old');
    const { state, usedRevision } = statusOf(steered, current);
    assert.deepEqual([state, usedRevision], ['quarantined', 2]);
  });

  it('lets follow what cannot do without it, and not in an older version', async () => {
    const older = [version('routes.a', 1, { match: { path: '/a' }, service: 's' })];
    const objects = objectsOf({
      'services.x': { endpoints: [] },
      'lists.l': { addresses: ['nowhere'] },
      'routes.a': { match: { path: '/a' }, service: 'x' },
      'routes.b': { match: { path: '/b' }, services: { s: 1, x: 1 } },
      'routes.c': { match: { path: '/c' }, service: 's', policies: { ipAccess: { deny: ['@l'] } } },
      'routes.d': { match: { path: '/d' }, service: 's', policies: { fallback: { service: 'x' } } },
      'routes.e': { match: { path: '/e' }, service: 's' },
    });
    const steered = await steeredLoad(steeringOf(FILE, older), objects);
    assert.deepEqual(routesOf(steered), ['e']);
    assert.deepEqual(
      ['routes.a', 'routes.b', 'routes.c', 'routes.d'].map((name) => steered.exceptions.get(name)?.reason),
      ['services.x', 'services.x', 'lists.l', 'services.x'].map(
        (name) => `it needs ${name}, which is in quarantine`,
      ),
    );
  });

  it('blames the newer of two that are in each other’s way', async () => {
    const route = { match: { path: '/a' }, service: 's' };
    const objects = objectsOf({ 'routes.z': route, 'routes.a': route });
    const steered = await steeredLoad(steeringOf(FILE), objects.toReversed());
    assert.deepEqual(routesOf(steered), ['z']);
    assert.deepEqual(quarantinedOf(steered), ['routes.a']);
  });

  it('blames the newer one also where the check names the older', async () => {
    const taken = { match: { path: '/_auth/callback' }, service: 's' };
    const session = { secret: 'x'.repeat(32) };
    const provider = {
      issuer: 'https://a',
      login: { clientId: 'a', clientSecret: 'b', session },
    };
    const objects = objectsOf({
      'routes.z': taken,
      'routes.y': { match: { path: '/y' }, service: 's' },
      'identityProviders.p': provider,
      'routes.x': { match: { path: '/x' }, service: 's', policies: { authenticate: { with: 'p' } } },
    });
    const steered = await steeredLoad(steeringOf(FILE), objects);
    assert.deepEqual(routesOf(steered), ['z', 'y']);
    assert.deepEqual(quarantinedOf(steered), ['identityProviders.p', 'routes.x']);
    const beside = await steeredLoad(steeringOf(`${FILE}routes: { f: ${JSON.stringify(taken)} }`), objects);
    assert.deepEqual(routesOf(beside), ['f', 'y']);
  });

  it('leaves what is wrong with files as it is', async () => {
    const objects = objectsOf({ 'routes.a': { service: 's' }, 'routes.b': { service: 5 } });
    const steered = await steeredLoad(steeringOf(`${FILE}routes: { a: { service: gone } }`), objects);
    assert.equal(steered.loaded.config, null);
    const errors = steered.loaded.issues.map(({ file, code }) => `${file} ${code}`);
    assert.ok(errors.includes('/g.yaml UNKNOWN_NAME'), errors.join());
    assert.equal(steered.exceptions.get('routes.a')?.state, 'shadowed');
  });

  it('does not use what a file has too', async () => {
    const objects = objectsOf({ 'services.s': { endpoints: 'nonsense' } });
    const steered = await steeredLoad(steeringOf(FILE), objects);
    assert.equal(steered.loaded.config?.services[0]?.endpoints.length, 1);
    assert.deepEqual(steered.exceptions.get('services.s'), {
      state: 'shadowed',
      reason: '/g.yaml:1:13 has services.s too, and files go first',
      usedRevision: null,
      issues: [],
    });
  });

  it('leaves out what it cannot open', async () => {
    const older = [version('consumers.a', 1, { keys: ['a-key-of-16-characters'] })];
    const objects = objectsOf({
      'consumers.a': { keys: ['sealed:b-key-of-16-characters'] },
      'consumers.c': { keys: ['sealed:c-key-of-16-characters'] },
      'consumers.d': { keys: ['d-key-of-16-characters'] },
    }).map((object) => ({ ...object, revision: object.revision + 10 }));
    const steered = await steeredLoad(
      {
        ...steeringOf(FILE, older),
        open: (_, document) => {
          if (JSON.stringify(document).includes('sealed:')) throw new Error('the key k1 is gone');
          return document;
        },
      },
      objects,
    );
    assert.deepEqual(
      steered.loaded.config?.consumers.map(({ id, keys }) => `${id} ${keys[0]?.key}`),
      ['a a-key-of-16-characters', 'd d-key-of-16-characters'],
    );
    assert.equal(
      steered.exceptions.get('consumers.c')?.reason,
      'consumers.c: its secrets cannot be read: the key k1 is gone',
    );
  });

  it('hears of what only the gateway can see', async () => {
    const objects = objectsOf({
      'routes.a': { match: { path: '/a' }, service: 's' },
      'routes.b': { match: { path: '/b' }, service: 's' },
    });
    const steered = await steeredLoad(
      {
        ...steeringOf(FILE),
        check: ({ routes }) =>
          routes
            .filter(({ id }) => id === 'b')
            .map(({ origin }) => ({
              ...origin,
              code: 'BAD_VALUE',
              message: 'no',
              pointer: '/routes/b',
              severity: 'error',
            })),
      },
      objects,
    );
    assert.deepEqual(routesOf(steered), ['a']);
    assert.equal(steered.exceptions.get('routes.b')?.reason, 'no');
  });
});
