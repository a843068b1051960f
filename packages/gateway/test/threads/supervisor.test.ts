import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { ConfigRejected, EXIT_CUT, StartFailed, supervise } from '../../src/main.ts';
import { configOf, hearLog } from '../../src/threads/threads-testing.ts';
import { adminJson, ask, counted, onSite, ping, saying, until, withSlowService } from './fixture.ts';

const APPLIED = 'configuration applied';
const REJECTED = 'the new configuration has errors; the old one stays in use';

/** A configuration that sends everything to one service. */
function slowly(url: string, drainTimeout: string): string {
  return saying('', {
    services: { slow: { endpoints: [url] } },
    routes: { all: { match: { path: '/*' }, service: 'slow' } },
    runtime: { threads: 2, drainTimeout },
  });
}

describe('the start of a gateway', () => {
  it('has all threads serve at one free port', async () => {
    await onSite(saying('pong', { runtime: { threads: 3 } }), async ({ start }) => {
      const gateway = await start();
      const answers = await Promise.all(Array.from({ length: 30 }, () => ping(gateway)));
      assert.ok(answers.every((answer) => answer === 'pong'));
      const { threads } = await adminJson(gateway, '/readyz?verbose');
      assert.equal(threads?.['length'], 3);
    });
  });

  it('takes a configuration from its caller, and leaves nothing on disk', async () => {
    const gateway = await supervise({ config: configOf({}), log: hearLog(), version: '0', preStopMs: 0 });
    assert.equal(await ping(gateway), 'pong');
    assert.deepEqual(await gateway.reload('test'), { kind: 'unchanged', revision: 1 });
    assert.equal(await gateway.stop('SIGTERM'), 0);
  });

  it('rejects with the issues of a bad configuration', async () => {
    await onSite('{ "rutes": {}, "routs": {} }', async ({ start }) => {
      await assert.rejects(start(), (error) => {
        assert.ok(error instanceof ConfigRejected);
        assert.deepEqual(error.issues.map(({ code }) => code).slice(0, 2), ['UNKNOWN_KEY', 'UNKNOWN_KEY']);
        return true;
      });
    });
  });

  it('rejects, and leaves nothing running, when an address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    for (const taken of [{ listeners: { web: { address } } }, { admin: { address } }]) {
      await onSite(saying('pong', taken), async ({ start }) => {
        await assert.rejects(
          start(),
          (error) => error instanceof StartFailed && /EADDRINUSE/.test(error.message),
        );
      });
    }
    other.close();
  });
});

describe('a change of the configuration', () => {
  it('is live once its file was replaced, at the same port', async () => {
    await onSite(saying('one'), async ({ start, write, log }) => {
      const gateway = await start();
      const port = gateway.ports.get('web');
      await write(saying('two'));
      await log.heard(APPLIED);
      assert.equal(await ping(gateway), 'two');
      assert.equal(gateway.ports.get('web'), port);
      assert.equal(gateway.revision, 2);
    });
  });

  it('opens new listeners in all threads and closes those that are gone', async () => {
    await onSite(saying('one'), async ({ start, write }) => {
      const gateway = await start({ watch: false });
      const before = gateway.ports.get('web');
      await write(saying('two', { listeners: { other: { address: '127.0.0.1:0' } } }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      const port = gateway.ports.get('other');
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/ping')));
      assert.ok(answers.every(({ body }) => body === 'two'));
      await until(async () => (await ask(before, '/ping').catch(({ code }) => code)) === 'ECONNREFUSED');
    });
  });

  it('that is bad leaves the old running, and shows until it is mended', async () => {
    await onSite(saying('one'), async ({ start, write, log }) => {
      const gateway = await start();
      await write('{ "rutes": {} }');
      await log.heard(REJECTED);
      assert.equal(await ping(gateway), 'one');
      const bad = await adminJson(gateway, '/readyz?verbose');
      assert.equal(bad['status'], 'ready');
      assert.equal(bad['configuration']?.['state'], 'stale');
      assert.equal(bad['lastReload']?.['result']?.['issues']?.[0]?.['code'], 'UNKNOWN_KEY');
      await write(saying('two'));
      await log.heard(APPLIED);
      assert.equal(await ping(gateway), 'two');
      const good = await adminJson(gateway, '/readyz?verbose');
      assert.equal(good['configuration']?.['state'], 'current');
      const { body } = await ask(gateway.adminPort, '/metrics');
      assert.match(body, /^turnpike_config_reloads_total\{result="failure"\} 1$/m);
      assert.match(body, /^turnpike_config_reloads_total\{result="success"\} 2$/m);
      assert.match(body, /^turnpike_config_revision 2$/m);
    });
  });

  it('that threads cannot apply is rolled back in all of them', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = { address: `127.0.0.1:${(other.address() as AddressInfo).port}` };
    await onSite(saying('one'), async ({ start, write }) => {
      const gateway = await start({ watch: false });
      await write(saying('two', { listeners: { web: { address: '127.0.0.1:0' }, taken } }));
      const result = await gateway.reload('test');
      assert.equal(result.kind, 'failed');
      const answers = await Promise.all(Array.from({ length: 20 }, () => ping(gateway)));
      assert.ok(answers.every((body) => body === 'one'));
      assert.deepEqual([...gateway.ports.keys()], ['web']);
    });
    other.close();
  });

  it('leaves a request alone that began before it', async () => {
    await withSlowService(async ({ url, arrival }) => {
      await onSite(slowly(url, '5s'), async ({ start, write }) => {
        const gateway = await start({ watch: false });
        const answer = ask(gateway.ports.get('web'), '/slow');
        const response = await arrival();
        await write(saying('new'));
        assert.equal((await gateway.reload('test')).kind, 'applied');
        response.end('late');
        assert.deepEqual((({ status, body }) => ({ status, body }))(await answer), {
          status: 200,
          body: 'late',
        });
        assert.equal(await ping(gateway), 'new');
      });
    });
  });
});

describe('data threads', () => {
  it('are replaced when they die, while the others serve', async () => {
    await onSite(saying('pong', { runtime: { threads: 3 } }), async ({ start, log }) => {
      const gateway = await start();
      const killed = await ask(gateway.adminPort, '/threads/1/restart?kill=true', { method: 'POST' });
      assert.equal(killed.status, 200);
      await log.heard('a data thread died and will be replaced');
      assert.equal(await ping(gateway), 'pong');
      assert.equal((await ask(gateway.adminPort, '/readyz')).status, 200);
      await gateway.reload('test');
      const { body } = await ask(gateway.adminPort, '/metrics');
      assert.match(body, /^turnpike_thread_restarts_total 1$/m);
    });
  });

  it('keep their counters when they are replaced', async () => {
    await onSite(saying('pong', { runtime: { threads: 1 } }), async ({ start, write, log }) => {
      const gateway = await start({ watch: false });
      for (let i = 0; i < 5; i++) await ping(gateway);
      await until(async () => (await counted(gateway)) === 5); // counted a moment after the client has its answer
      await ask(gateway.adminPort, '/threads/0/restart?kill=true', { method: 'POST' });
      await log.heard('a data thread died and will be replaced');
      await write(saying('again', { runtime: { threads: 1 } }));
      assert.equal((await gateway.reload('waits for the replacement')).kind, 'applied');
      assert.equal(await ping(gateway), 'again');
      await until(async () => (await counted(gateway)) === 6);
    });
  });

  it('are restarted one after the other without losing a request', async () => {
    await onSite(saying('pong'), async ({ start, log }) => {
      const gateway = await start();
      const end = new AbortController();
      const answers = new Map<string, number>();
      const load = Array.from({ length: 8 }, async () => {
        while (!end.signal.aborted) {
          const answer = await ping(gateway).catch(String);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
      });
      for (const [index, thread] of [0, 1, 2].entries()) {
        const { status } = await ask(gateway.adminPort, `/threads/${thread}/restart`, { method: 'POST' });
        assert.equal(status, 200);
        await log.heard('a data thread was restarted', index + 1);
      }
      end.abort();
      await Promise.all(load);
      assert.deepEqual([...answers.keys()], ['pong']);
    });
  });
});

describe('the end of a gateway', () => {
  it('waits for what is under way, and takes nothing new', async () => {
    await withSlowService(async ({ url, arrival }) => {
      await onSite(slowly(url, '30s'), async ({ start, log }) => {
        const gateway = await start();
        const port = gateway.ports.get('web');
        const answer = ask(port, '/slow');
        const response = await arrival();
        const code = gateway.stop('SIGTERM');
        await log.heard('stopping');
        assert.equal((await ask(gateway.adminPort, '/readyz')).status, 503);
        response.end('late');
        const { body, headers } = await answer;
        assert.equal(body, 'late');
        assert.equal(headers['connection'], 'close');
        assert.equal(await code, 0);
        await assert.rejects(ask(port, '/'), { code: 'ECONNREFUSED' });
        await assert.rejects(ask(gateway.adminPort, '/readyz'));
      });
    });
  });

  it('still takes connections for a while, so that balancers can notice', async () => {
    await onSite(saying('pong', { runtime: { threads: 2, drainTimeout: '30s' } }), async ({ start, log }) => {
      const gateway = await start({ preStopMs: 300 });
      const code = gateway.stop('SIGTERM');
      await log.heard('stopping');
      const { status, headers } = await ask(gateway.ports.get('web'), '/ping');
      assert.equal(status, 200);
      assert.equal(headers['connection'], 'close');
      assert.deepEqual(await gateway.reload('test'), { kind: 'stopping' });
      assert.equal(await code, 0);
    });
  });

  it('cuts what takes longer than the drain timeout, and says so with its exit code', async () => {
    await withSlowService(async ({ url, arrival }) => {
      await onSite(slowly(url, '200ms'), async ({ start }) => {
        const gateway = await start();
        const answer = assert.rejects(ask(gateway.ports.get('web'), '/slow'));
        await arrival();
        assert.equal(await gateway.stop('SIGTERM'), EXIT_CUT);
        await answer;
      });
    });
  });
});
