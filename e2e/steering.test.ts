// The program with a database: what comes over the admin API is served, kept, and guarded.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { testAuthority } from '@turnpike/testkit';
import { runGateway, type RunningGateway } from './running-gateway.ts';

const TOKENS = `[
    { token: rule-it-all-day, role: admin, name: root },
    { token: shop-editor-token, workspaces: { shop: editor } },
    { token: only-look-at-it, role: viewer } ]`;

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'turnpike-steering-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function configIn(path: string, more = ''): string {
  return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0", tokens: ${TOKENS} }
stores: { database: { url: "sqlite:${path}/turnpike.db" } }
runtime: { threads: 2, stateDirectory: ${path}/state }
telemetry: { accessLog: off }
routes:
  ping: { match: { path: /ping }, respond: { body: pong } }
${more}`;
}

interface Answer {
  readonly status: number;
  // What comes is looked at member by member.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: Record<string, any>;
  readonly etag: string | null;
}

/** Asks the admin API of a gateway. */
async function ask(
  { adminPort }: RunningGateway,
  call: string,
  {
    token = 'rule-it-all-day',
    body,
    headers = {},
  }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') ? JSON.parse(text) : { text },
    etag: response.headers.get('etag'),
  };
}

async function get(
  { port }: RunningGateway,
  path: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return `${response.status} ${await response.text()}`;
}

const hello = (body: string, policies: object = {}) => ({
  match: { path: '/hello' },
  respond: { status: 200, body },
  policies,
});

describe('a route that was put over the admin API', () => {
  it('is served with the answer, changed, rolled back, and there after a restart', async (t) => {
    const path = await directory(t);
    {
      await using gateway = await runGateway(configIn(path));
      const put = await ask(gateway, 'PUT /v1/routes/hello', { body: hello('one') });
      assert.deepEqual([put.status, put.body['revision']], [201, 1]);
      assert.equal(await get(gateway, '/hello'), '200 one');
      const again = await ask(gateway, 'PUT /v1/routes/hello', { body: hello('one') });
      assert.deepEqual([again.status, again.body['revision']], [200, null], 'nothing to change');
      await ask(gateway, 'PUT /v1/routes/hello', { body: hello('two') });
      assert.equal(await get(gateway, '/hello'), '200 two');
      const back = await ask(gateway, 'POST /v1/revisions/1/rollback');
      assert.equal(back.body['revision'], 3);
      assert.equal(await get(gateway, '/hello'), '200 one');
      const stale = { body: hello('three'), headers: { 'if-match': '"1"' } };
      assert.equal((await ask(gateway, 'PUT /v1/routes/hello', stale)).status, 412);
      await gateway.stop('SIGTERM');
    }
    await using restarted = await runGateway(configIn(path));
    assert.equal(await get(restarted, '/hello'), '200 one');
    const { body } = await ask(restarted, 'GET /v1/revisions');
    assert.deepEqual(
      body['items'].map(({ number, author, origin }: Record<string, unknown>) => [number, author, origin]),
      [
        [3, 'root', 'rollback'],
        [2, 'root', 'api'],
        [1, 'root', 'api'],
      ],
    );
  });

  it('is refused when it has errors, and shown with its risks before it is applied', async (t) => {
    await using gateway = await runGateway(configIn(await directory(t)));
    const broken = await ask(gateway, 'PUT /v1/routes/broken', {
      body: { match: { path: '/b' }, service: 'nope' },
    });
    assert.deepEqual([broken.status, broken.body['code']], [422, 'CONFIG_REJECTED']);
    assert.equal(broken.body['errors'][0].pointer, '/routes/broken/service');
    const guarded = hello('in', { authenticate: { with: ['consumers'] } });
    await ask(gateway, 'PUT /v1/consumers/acme', { body: {} });
    await ask(gateway, 'PUT /v1/routes/hello', { body: guarded });
    const plan = await ask(gateway, 'PUT /v1/routes/hello?dryRun=true', { body: hello('in') });
    assert.deepEqual(
      plan.body['risks'].map(({ level, code }: Record<string, unknown>) => [level, code]),
      [['high', 'AUTHENTICATION_REMOVED']],
    );
    assert.match(await get(gateway, '/hello'), /^401/, 'a dry run changes nothing');
  });

  it('cannot take what files have', async (t) => {
    await using gateway = await runGateway(configIn(await directory(t)));
    const refused = await ask(gateway, 'PUT /v1/routes/ping', { body: hello('mine') });
    assert.deepEqual([refused.status, refused.body['code']], [409, 'OWNED_BY_FILES']);
    assert.match(refused.body['file'], /gateway\.yaml$/);
  });
});

describe('an object that does not fit any more', () => {
  it('is in quarantine while the rest is served', async (t) => {
    const path = await directory(t);
    const service = 'services:\n  users: { endpoints: ["http://127.0.0.1:9"] }\n';
    {
      await using gateway = await runGateway(configIn(path, service));
      await ask(gateway, 'PUT /v1/routes/users', { body: { match: { path: '/users' }, service: 'users' } });
      await ask(gateway, 'PUT /v1/routes/hello', { body: hello('one') });
      await gateway.stop('SIGTERM');
    }
    await using gateway = await runGateway(configIn(path));
    assert.equal(await get(gateway, '/hello'), '200 one');
    assert.match(await get(gateway, '/users'), /^404/);
    const { body } = await ask(gateway, 'GET /v1/routes/users');
    assert.equal(body['status'].state, 'quarantined');
    assert.match(body['status'].reason, /no service "users"/);
    const ready = await ask(gateway, 'GET /readyz?verbose');
    assert.deepEqual(ready.body['control'].quarantined, ['routes.users']);
  });
});

describe('a key that was issued', () => {
  it('opens at once, is shown once, and closes when it is revoked', async (t) => {
    const path = await directory(t);
    await using gateway = await runGateway(configIn(path));
    await ask(gateway, 'PUT /v1/consumers/acme', { body: {} });
    await ask(gateway, 'PUT /v1/routes/hello', {
      body: hello('in', { authenticate: { with: ['consumers'] } }),
    });
    const { body } = await ask(gateway, 'POST /v1/consumers/acme/keys', { body: { label: 'one' } });
    const headers = { 'x-api-key': body['key'] };
    assert.equal(await get(gateway, '/hello', headers), '200 in');
    assert.equal(
      await get(gateway, '/hello', { 'x-api-key': `${body['key'].slice(0, -1)}!` }).then((s) =>
        s.slice(0, 3),
      ),
      '401',
    );
    const shown = await ask(gateway, `GET /v1/consumers/acme/keys/${body['id']}`);
    assert.equal(shown.body['key'], undefined);
    await ask(gateway, `DELETE /v1/consumers/acme/keys/${body['id']}`);
    assert.match(await get(gateway, '/hello', headers), /^401/);
  });
});

describe('who may steer', () => {
  it('still may after a restart without the database', async (t) => {
    const path = await directory(t);
    const { token, cookie } = await (async () => {
      await using gateway = await runGateway(configIn(path));
      const { body } = await ask(gateway, 'POST /v1/tokens', { body: { name: 'ada', role: 'viewer' } });
      const entered = await fetch(`http://127.0.0.1:${gateway.adminPort}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: body['token'] }),
      });
      await gateway.stop('SIGTERM');
      return { token: body['token'], cookie: entered.headers.get('set-cookie')?.split(';')[0] ?? '' };
    })();
    for (const suffix of ['', '-wal', '-shm']) await rm(`${path}/turnpike.db${suffix}`, { force: true });
    await mkdir(`${path}/turnpike.db`); // nothing that can be opened
    await using gateway = await runGateway(configIn(path));
    assert.equal((await ask(gateway, 'GET /v1/me', { token })).body['name'], 'ada');
    const inSession = await fetch(`http://127.0.0.1:${gateway.adminPort}/v1/me`, { headers: { cookie } });
    assert.equal(((await inSession.json()) as { name: string }).name, 'ada');
    assert.equal((await ask(gateway, 'GET /v1/routes', { token })).status, 503);
  });

  it('is who has the role, in the workspace', async (t) => {
    await using gateway = await runGateway(configIn(await directory(t)));
    await ask(gateway, 'PUT /v1/workspaces/shop', { body: {} });
    const route = { body: hello('shop') };
    const look = { token: 'only-look-at-it' };
    const shop = { token: 'shop-editor-token' };
    assert.equal((await ask(gateway, 'PUT /v1/routes/hello', { ...route, ...look })).status, 403);
    assert.equal((await ask(gateway, 'GET /v1/routes', look)).status, 200);
    assert.equal((await ask(gateway, 'PUT /v1/routes/hello', { ...route, ...shop })).status, 403);
    assert.equal(
      (await ask(gateway, 'PUT /v1/routes/hello?workspace=shop', { ...route, ...shop })).status,
      201,
    );
    assert.equal((await ask(gateway, 'POST /reload', shop)).status, 403);
    assert.equal((await ask(gateway, 'GET /v1/routes', { token: 'guessed' })).status, 401);
  });

  it('is told in the audit log', async (t) => {
    await using gateway = await runGateway(configIn(await directory(t)));
    await ask(gateway, 'PUT /v1/routes/hello', { body: hello('one') });
    await ask(gateway, 'POST /reload');
    const made = await ask(gateway, 'POST /v1/tokens', { body: { name: 'ada', role: 'viewer' } });
    await ask(gateway, 'GET /v1/routes', { token: made.body['token'] });
    await ask(gateway, 'GET /v1/routes', { token: 'guessed' });
    await ask(gateway, 'POST /v1/session', { body: { token: 'only-look-at-it' } });
    const wanted = [
      'root object.put done',
      'root POST /reload done',
      'ada token.use done',
      ' login.failed refused',
      'token 3 login.done done',
    ];
    // Nobody who signs in waits for the audit log.
    const endsAt = Date.now() + 20_000;
    for (let missing = wanted; missing.length > 0;) {
      assert.ok(Date.now() < endsAt, `not told: ${missing.join()}`);
      const { body } = await ask(gateway, 'GET /v1/audit');
      const told: string[] = body['items'].map(
        ({ author, action, outcome }: Record<string, string>) => `${author} ${action} ${outcome}`,
      );
      missing = wanted.filter((one) => !told.includes(one));
    }
  });
});

describe('metrics of the control plane', () => {
  it('say what is served, what does not fit, and who asks', async (t) => {
    await using gateway = await runGateway(configIn(await directory(t)));
    const put = { body: { match: { path: '/new' }, respond: { body: 'new' } } };
    assert.equal((await ask(gateway, 'PUT /v1/routes/new', put)).status, 201);
    assert.equal((await ask(gateway, 'GET /v1/routes', { token: 'no-such-token-at-all' })).status, 401);
    // The look at the fleet and the time of a commit are not waited for by anybody.
    for (;;) {
      const { text } = (await ask(gateway, 'GET /metrics')).body;
      if (!/control_publish_delay_seconds/.test(text) || !/members\{state="current"\} 1/.test(text)) continue;
      assert.match(text, /^turnpike_control_revision\{kind="served"\} 1$/m);
      assert.match(text, /^turnpike_control_revision\{kind="newest"\} 1$/m);
      assert.match(text, /^turnpike_control_database_up 1$/m);
      assert.match(text, /^turnpike_control_objects\{kind="routes",state="active"\} 1$/m);
      assert.match(text, /^turnpike_control_objects\{kind="routes",state="quarantined"\} 0$/m);
      assert.match(text, /^turnpike_control_rollout\{state="running"\} 0$/m);
      assert.match(text, /^turnpike_admin_requests_total\{operation="change",code="2xx"\} 1$/m);
      assert.match(text, /^turnpike_admin_sign_in_failures_total 1$/m);
      break;
    }
  });
});

describe('a certificate of the database', () => {
  const authority = testAuthority();
  const pairOf = (commonName: string) => {
    const { cert: certificate, key } = authority.issue({ commonName, names: ['a.test'] });
    return { certificate, key };
  };
  const shown = (port: number): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect({ host: '127.0.0.1', port, servername: 'a.test', ca: authority.cert });
    socket.on('error', () => resolve('none'));
    socket.on('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.subject ?? '');
      socket.destroy();
    });
    return promise;
  };

  it('is shown with the answer, kept sealed, there without the database, and gone when it is removed', async (t) => {
    const path = await directory(t);
    const config = configIn(path).replace(
      'address: "127.0.0.1:0" } }',
      'address: "127.0.0.1:0" }, secure: { address: "127.0.0.1:0", tls: {} } }',
    );
    {
      await using gateway = await runGateway(config);
      const port = gateway.ports['secure'] ?? 0;
      assert.equal(await shown(port), 'none');
      const first = await ask(gateway, 'PUT /v1/certificates/a', { body: pairOf('first') });
      assert.equal(first.status, 201, JSON.stringify(first.body));
      assert.deepEqual(first.body['served'], { now: true, reason: '' });
      assert.equal(await shown(port), 'CN=first');
      await ask(gateway, 'PUT /v1/certificates/a', { body: pairOf('second') });
      assert.equal(await shown(port), 'CN=second');
      const [line] = JSON.parse((await ask(gateway, 'GET /certificates')).body['text']);
      assert.deepEqual([line.source, line.name, line.state], ['database', 'a', 'valid']);
      const found = await ask(gateway, 'GET /v1/certificates/a');
      assert.equal(found.body['document'].key, '***');
      await gateway.stop('SIGTERM');
    }
    assert.doesNotMatch(await readFile(join(path, 'state', 'steered.json'), 'utf8'), /PRIVATE/);
    await rename(join(path, 'turnpike.db'), join(path, 'away.db'));
    await mkdir(join(path, 'turnpike.db'));
    {
      await using gateway = await runGateway(config);
      assert.equal(await shown(gateway.ports['secure'] ?? 0), 'CN=second');
      await gateway.stop('SIGTERM');
    }
    await rm(join(path, 'turnpike.db'), { recursive: true });
    await rename(join(path, 'away.db'), join(path, 'turnpike.db'));
    await using gateway = await runGateway(config);
    const gone = await ask(gateway, 'DELETE /v1/certificates/a');
    assert.deepEqual(
      gone.body['risks'].map((risk: { code: string }) => risk.code),
      ['CERTIFICATE_MISSING'],
    );
    assert.equal(await shown(gateway.ports['secure'] ?? 0), 'none');
  });
});
