import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, onSite, saying } from '../threads/fixture.ts';

const put = (body: string) => ({ method: 'PUT', body });

/** A configuration whose service cannot be reached, with that program log. */
const failing = (log: object) =>
  saying('pong', {
    services: { s: { endpoints: ['http://127.0.0.1:1'] } },
    routes: { r: { match: { path: '/down' }, service: 's' } },
    telemetry: { accessLog: 'off', log },
  });

describe('the level of the program log', () => {
  it('is told and set on the admin API, and holds for all threads at once', async () => {
    await onSite(failing({ level: 'info' }), async ({ start, log }) => {
      const { adminPort, ports } = await start({ watch: false });
      assert.deepEqual(JSON.parse((await ask(adminPort, '/log-level')).body), { level: 'info' });
      await ask(ports.get('web'), '/down');
      assert.equal((await ask(adminPort, '/log-level', put('{"level":"debug"}'))).status, 200);
      assert.deepEqual(JSON.parse((await ask(adminPort, '/log-level')).body), { level: 'debug' });
      // A thread hears of it a moment later.
      const isHeard = () => log.entries.some(({ message }) => message === 'a request failed');
      while (!isHeard()) await ask(ports.get('web'), '/down');
      for (const body of ['{"level":"trace"}', '{}', '5'])
        assert.equal((await ask(adminPort, '/log-level', put(body))).status, 422);
      assert.equal((await ask(adminPort, '/log-level', put('{'))).status, 400);
    });
  });

  it('comes with a configuration, and stays as it was set through a reload of something else', async () => {
    await onSite(failing({ level: 'warn' }), async ({ start, write, log }) => {
      const gateway = await start({ watch: false });
      assert.equal(log.level, 'warn');
      await ask(gateway.adminPort, '/log-level', put('{"level":"debug"}'));
      await write(failing({ level: 'warn', format: 'json' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(log.level, 'debug');
      await write(failing({ level: 'error' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(log.level, 'error');
    });
  });
});
