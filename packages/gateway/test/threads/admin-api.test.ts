import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { ask, onSite, saying } from './fixture.ts';

const TOKENS = [
  { token: 'look-at-it', role: 'viewer' },
  { token: 'change-it', role: 'editor' },
  { token: 'rule-it', role: 'admin' },
];
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const POST = { method: 'POST' };

/** A configuration whose admin API takes one token. */
function guardedBy(token: string): string {
  return saying('pong', { admin: { address: '127.0.0.1:0', tokens: [{ token, role: 'viewer' }] } });
}

describe('the admin API', () => {
  it('tells whether the gateway is alive and ready', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const { adminPort } = await start();
      assert.deepEqual((({ status, body }) => [status, body])(await ask(adminPort, '/healthz')), [
        200,
        'ok\n',
      ]);
      assert.equal((await ask(adminPort, '/readyz')).body, 'ready\n');
      const head = await ask(adminPort, '/readyz', { method: 'HEAD' });
      assert.deepEqual([head.status, head.body], [200, '']);
    });
  });

  it('shows the metrics of all threads and of the process', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const { adminPort, ports } = await start();
      for (let i = 0; i < 10; i++) await ask(ports.get('web'), '/ping');
      let { headers, body } = await ask(adminPort, '/metrics');
      // A client may have its answer a moment before the thread that gave it has counted it.
      while (/^turnpike_requests_total.*code="2xx"\} \d$/m.test(body))
        ({ headers, body } = await ask(adminPort, '/metrics'));
      assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
      assert.match(body, /^turnpike_requests_total\{route="ping",service="",code="2xx"\} 10$/m);
      assert.match(body, /^turnpike_threads\{state="ready"\} 2$/m);
      assert.match(body, /^turnpike_build_info\{version="0\.0\.0-test",/m);
      assert.match(body, /^turnpike_event_loop_lag_seconds\{thread="supervisor",stat="max"\} /m);
    });
  });

  it('has no metrics where they are off', async () => {
    const telemetry = { accessLog: 'off', metrics: { prometheus: false } };
    await onSite(saying('pong', { telemetry }), async ({ start }) => {
      assert.equal((await ask((await start()).adminPort, '/metrics')).status, 404);
    });
  });

  it('shows what is known of the endpoints', async () => {
    const sections = {
      services: { s: { endpoints: ['http://127.0.0.1:1'] } },
      routes: { all: { match: { path: '/*' }, service: 's' } },
    };
    await onSite(saying('', sections), async ({ start }) => {
      const { adminPort, ports } = await start();
      await ask(ports.get('web'), '/');
      const [endpoint] = JSON.parse((await ask(adminPort, '/endpoints')).body);
      assert.deepEqual([endpoint.service, endpoint.url, endpoint.inflight], ['s', 'http://127.0.0.1:1', 0]);
      assert.ok(endpoint.failed >= 1);
    });
  });

  it('shows the circuit breakers, which all threads share', async () => {
    const circuitBreaker = { minimumRequests: 3, openFor: '1m' };
    const sections = {
      services: { s: { endpoints: ['http://127.0.0.1:1'], circuitBreaker } },
      routes: { all: { match: { path: '/*' }, service: 's' } },
    };
    await onSite(saying('', sections), async ({ start, log }) => {
      const { adminPort, ports } = await start();
      const codes = new Set<string>();
      for (let i = 0; i < 20; i++) codes.add(JSON.parse((await ask(ports.get('web'), '/')).body).code);
      assert.deepEqual([...codes], ['CONNECT_FAILED', 'BREAKER_OPEN']);
      const [{ service, breaker }] = JSON.parse((await ask(adminPort, '/services')).body);
      assert.deepEqual([service, breaker.state, breaker.refused], ['s', 'open', 17]);
      assert.equal(breaker.history[0].reason, '3 of 3 requests failed');
      await log.heard('a circuit breaker opened: the service is not asked for a while');
      const { body } = await ask(adminPort, '/metrics');
      assert.match(body, /^turnpike_breaker_state\{service="s",state="open"\} 1$/m);
      assert.match(body, /^turnpike_breaker_state\{service="s",state="closed"\} 0$/m);
      assert.match(body, /^turnpike_breaker_changes_total\{service="s",state="open"\} 1$/m);
      assert.match(body, /^turnpike_breaker_refused_total\{service="s"\} 17$/m);
    });
  });

  it('reloads, and answers with what is wrong', async () => {
    await onSite(saying('one'), async ({ start, write }) => {
      const { adminPort } = await start({ watch: false });
      assert.equal(JSON.parse((await ask(adminPort, '/reload', POST)).body).kind, 'unchanged');
      await write(saying('two'));
      const good = await ask(adminPort, '/reload', POST);
      assert.deepEqual((({ kind, revision }) => [kind, revision])(JSON.parse(good.body)), ['applied', 2]);
      await write('{ "rutes": {} }');
      const bad = await ask(adminPort, '/reload', POST);
      assert.equal(bad.status, 422);
      assert.equal(bad.headers['content-type'], 'application/problem+json');
      const problem = JSON.parse(bad.body);
      assert.equal(problem.code, 'CONFIG_REJECTED');
      assert.equal(problem.issues[0].pointer, '/rutes');
      assert.equal(problem.issues[0].line, 1);
    });
  });

  it('lets callers do what their role allows', async () => {
    const admin = { address: '127.0.0.1:0', tokens: TOKENS };
    await onSite(saying('pong', { admin }), async ({ start }) => {
      const { adminPort } = await start();
      const status = async (path: string, options: object) => (await ask(adminPort, path, options)).status;
      assert.equal(await status('/healthz', { headers: { host: 'pod.example' } }), 200);
      assert.equal(await status('/readyz', {}), 200);
      for (const path of ['/readyz?verbose', '/metrics', '/config', '/services', '/endpoints']) {
        assert.equal(await status(path, {}), 401, path);
        assert.equal(await status(path, bearer('look-at-it')), 200, path);
      }
      assert.equal(await status('/reload', { ...POST, ...bearer('look-at-it') }), 403);
      assert.equal(await status('/reload', { ...POST, ...bearer('change-it') }), 200);
      assert.equal(await status('/threads/0/restart', { ...POST, ...bearer('change-it') }), 403);
      assert.equal(await status('/threads/9/restart', { ...POST, ...bearer('rule-it') }), 404);
      const { headers } = await ask(adminPort, '/metrics');
      assert.equal(headers['www-authenticate'], 'Bearer realm="turnpike admin"');
      const { body } = await ask(adminPort, '/config', bearer('look-at-it'));
      for (const { token } of TOKENS) assert.ok(!body.includes(token));
    });
  });

  it('takes new tokens, and no old ones, after a reload', async () => {
    await onSite(guardedBy('first'), async ({ start, write }) => {
      const gateway = await start({ watch: false });
      await write(guardedBy('second'));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal((await ask(gateway.adminPort, '/config', bearer('first'))).status, 401);
      assert.equal((await ask(gateway.adminPort, '/config', bearer('second'))).status, 200);
    });
  });

  it('is not there when it is off', async () => {
    await onSite(saying('pong', { admin: 'off' }), async ({ start }) => {
      assert.equal((await start()).adminPort, null);
    });
  });
});

describe('the admin API refuses', () => {
  it('names and pages of elsewhere', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const { adminPort } = await start();
      const rebound = await ask(adminPort, '/healthz', { headers: { host: 'evil.example' } });
      assert.equal(JSON.parse(rebound.body).code, 'FOREIGN_HOST');
      const headers = { origin: 'http://evil.example' };
      assert.equal((await ask(adminPort, '/reload', { ...POST, headers })).status, 403);
    });
  });

  it('bodies of more than 64 KiB, announced or not', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const { adminPort } = await start();
      const most = 'x'.repeat(64 * 1024);
      const chunked = { 'transfer-encoding': 'chunked' };
      assert.equal((await ask(adminPort, '/reload', { ...POST, body: most })).status, 200);
      assert.equal((await ask(adminPort, '/reload', { ...POST, body: `${most}x` })).status, 413);
      const answer = await ask(adminPort, '/reload', { ...POST, headers: chunked, body: `${most}x` });
      assert.equal(answer.status, 413);
    });
  });

  it('what is no HTTP, and heads that are too large', async () => {
    await onSite(saying('pong'), async ({ start }) => {
      const { adminPort } = await start();
      const raw = async (text: string): Promise<string> => {
        const socket = connect(adminPort ?? 0, '127.0.0.1');
        socket.end(text);
        const [chunk] = (await once(socket, 'data')) as [Buffer];
        socket.destroy();
        return chunk.toString('latin1').split('\r\n')[0] ?? '';
      };
      assert.equal(await raw('nonsense\r\n\r\n'), 'HTTP/1.1 400 Bad Request');
      const long = 'x'.repeat(20_000);
      const head = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${long}\r\n\r\n`;
      assert.equal(await raw(head), 'HTTP/1.1 431 Request Header Fields Too Large');
      const absolute = await raw('GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      assert.equal(absolute, 'HTTP/1.1 400 Bad Request');
    });
  });
});
