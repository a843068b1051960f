// Instances register themselves over HTTP.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ask, onSite, saying } from './fixture.ts';

const tokens = [
  { token: 'look-at-it', role: 'viewer' },
  { token: 'change-it', role: 'editor' },
];
const admin = { address: '127.0.0.1:0', tokens };
const config = saying('pong', { admin });

interface Api {
  /** `status body`, with the token of an editor. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: string }>;
  readonly list: () => Promise<readonly Record<string, unknown>[]>;
}

function apiAt(port: number | null): Api {
  const headers = { authorization: 'Bearer change-it' };
  const call: Api['call'] = (method, path, body) =>
    ask(port, path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  return { call, list: async () => JSON.parse((await call('GET', '/registry')).body) };
}

describe('the registry', () => {
  it('takes instances, hears of them, drains them and lets them go', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { call, list } = apiAt((await start({ stateDirectory: join(directory, 'state') })).adminPort);
      const path = '/registry/users/users-1';
      assert.equal((await call('POST', `${path}/heartbeat`)).status, 404);
      const said = {
        url: 'http://10.0.0.1:8080',
        weight: 5,
        zone: 'a',
        ttlSeconds: 60,
        metadata: { version: '7' },
      };
      const registered = await call('PUT', path, said);
      assert.equal(registered.status, 201);
      assert.deepEqual(JSON.parse(registered.body), { service: 'users', id: 'users-1', leaseSeconds: 60 });
      assert.equal((await call('PUT', path, said)).status, 200);
      assert.equal((await call('POST', `${path}/heartbeat`)).status, 204);
      const [{ service, id, endpoint, metadata } = {}] = await list();
      assert.deepEqual(
        { service, id, endpoint, metadata },
        {
          service: 'users',
          id: 'users-1',
          endpoint: { host: '10.0.0.1', port: 8080, weight: 5, zone: 'a', priority: 0, isDraining: false },
          metadata: { version: '7' },
        },
      );
      assert.equal((await call('DELETE', path)).status, 204);
      assert.equal((await call('DELETE', path)).status, 404);
      assert.deepEqual(await list(), []);
    });
  });

  it('keeps an instance drained while it renews, until it says otherwise', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { call, list } = apiAt((await start({ stateDirectory: join(directory, 'state') })).adminPort);
      const isDraining = async () => JSON.stringify(await list()).includes('"isDraining":true');
      const url = 'http://10.0.0.1:8080';
      await call('PUT', '/registry/users/a', { url });
      assert.equal((await call('POST', '/registry/users/a/drain')).status, 204);
      await call('PUT', '/registry/users/a', { url });
      assert.equal(await isDraining(), true);
      await call('PUT', '/registry/users/a', { url, draining: false });
      assert.equal(await isDraining(), false);
      assert.equal((await call('POST', '/registry/users/b/drain')).status, 404);
    });
  });

  it('says what is wrong, by the name of the field', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { call, list } = apiAt((await start({ stateDirectory: join(directory, 'state') })).adminPort);
      const url = 'http://10.0.0.1';
      const many = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, 'v']));
      const wrong: readonly [unknown, string][] = [
        [{}, '/url'],
        [[], ''],
        ['http://10.0.0.1', ''],
        [null, ''],
        [{ url: 'ftp://x' }, '/url'],
        [{ url, weight: -1, zone: 7 }, '/weight /zone'],
        [{ url, colour: 'red' }, '/colour'],
        [{ url, ttlSeconds: 4 }, '/ttlSeconds'],
        [{ url, ttlSeconds: '30' }, '/ttlSeconds'],
        [{ url, metadata: [] }, '/metadata'],
        [{ url, metadata: many }, '/metadata'],
        [{ url, metadata: { 'a/b': 7 } }, '/metadata/a~1b'],
        [{ url, metadata: { a: 'x'.repeat(257) } }, '/metadata/a'],
      ];
      for (const [body, pointers] of wrong) {
        const answer = await call('PUT', '/registry/users/a', body);
        assert.equal(answer.status, 422, JSON.stringify(body));
        const { code, errors } = JSON.parse(answer.body);
        const found = errors.map(({ pointer }: { pointer: string }) => pointer).join(' ');
        assert.deepEqual([code, found], ['INSTANCE_REJECTED', pointers], JSON.stringify(body));
      }
      assert.equal((await call('PUT', `/registry/users/${'a'.repeat(129)}`, { url })).status, 422);
      assert.equal((await call('PUT', '/registry/us%20ers/a', { url })).status, 422);
      assert.equal((await call('PUT', '/registry/users/..%2Fa', { url })).status, 422);
      assert.deepEqual(await list(), []);
    });
  });

  it('refuses bodies that are too large or no JSON', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { adminPort } = await start({ stateDirectory: join(directory, 'state') });
      const headers = { authorization: 'Bearer change-it' };
      const put = async (body: string) => {
        const answer = await ask(adminPort, '/registry/users/a', { method: 'PUT', headers, body });
        return `${answer.status} ${JSON.parse(answer.body).code}`;
      };
      assert.equal(await put('{'), '400 BODY_MALFORMED');
      assert.equal(await put(''), '400 BODY_MALFORMED');
      assert.equal(await put(`"${'x'.repeat(64 * 1024)}"`), '413 BODY_TOO_LARGE');
      assert.equal(await put('{"url":"http://a"}'), '201 undefined');
    });
  });

  it('lets callers do what their role allows', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { adminPort } = await start({ stateDirectory: join(directory, 'state') });
      const headers = { authorization: 'Bearer look-at-it' };
      const body = '{"url":"http://a"}';
      const status = async (method: string, path: string, who: object = { headers }) =>
        (await ask(adminPort, path, { method, body: method === 'PUT' ? body : '', ...who })).status;
      assert.equal(await status('GET', '/registry'), 200);
      assert.equal(await status('GET', '/discovery'), 200);
      assert.equal(await status('GET', '/registry', {}), 401);
      assert.equal(await status('PUT', '/registry/users/a'), 403);
      assert.equal(await status('DELETE', '/registry/users/a'), 403);
      assert.equal(await status('POST', '/registry/users/a/heartbeat'), 403);
      assert.equal(await status('PATCH', '/registry/users/a'), 405);
    });
  });

  it('knows its instances after a restart', async () => {
    await onSite(config, async ({ start, directory }) => {
      const stateDirectory = join(directory, 'state');
      const first = await start({ stateDirectory });
      await apiAt(first.adminPort).call('PUT', '/registry/users/a', { url: 'http://10.0.0.1' });
      await first.stop('SIGTERM');
      const second = await start({ stateDirectory });
      const { call, list } = apiAt(second.adminPort);
      assert.equal((await call('POST', '/registry/users/a/heartbeat')).status, 204);
      assert.deepEqual(
        (await list()).map(({ id }) => id),
        ['a'],
      );
    });
  });

  it('answers without a body where there is nothing to say', async () => {
    await onSite(config, async ({ start, directory }) => {
      const { adminPort } = await start({ stateDirectory: join(directory, 'state') });
      await apiAt(adminPort).call('PUT', '/registry/users/a', { url: 'http://10.0.0.1' });
      const socket = connect(adminPort ?? 0, '127.0.0.1');
      socket.write(
        'POST /registry/users/a/heartbeat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer change-it\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      assert.match(text, /^HTTP\/1\.1 204 /);
      assert.doesNotMatch(text, /^(content-|transfer-encoding)/im);
    });
  });
});
