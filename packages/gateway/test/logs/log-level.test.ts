import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { LOG_COMPONENTS } from '@turnpike/config';
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
  it('is documented with all parts that may have one', () => {
    const page = readFileSync(new URL('../../../../docs/logging.md', import.meta.url), 'utf8');
    for (const [name, about] of Object.entries(LOG_COMPONENTS))
      assert.ok(page.includes(`| \`${name}\` | ${about} |`), name);
  });

  it('is told and set on the admin API, and holds for all threads at once', async () => {
    await onSite(failing({ level: 'info' }), async ({ start, log }) => {
      const { adminPort, ports } = await start({ watch: false });
      assert.equal(JSON.parse((await ask(adminPort, '/log-level')).body).level, 'info');
      await ask(ports.get('web'), '/down');
      assert.equal((await ask(adminPort, '/log-level', put('{"level":"debug"}'))).status, 200);
      assert.equal(JSON.parse((await ask(adminPort, '/log-level')).body).level, 'debug');
      // A thread hears of it a moment later.
      const isHeard = () => log.entries.some(({ message }) => message === 'a request failed');
      while (!isHeard()) await ask(ports.get('web'), '/down');
      for (const body of ['{"level":"trace"}', '{}', '5'])
        assert.equal((await ask(adminPort, '/log-level', put(body))).status, 422);
      assert.equal((await ask(adminPort, '/log-level', put('{'))).status, 400);
    });
  });

  it('may be another one for a part of the program, in all threads', async () => {
    await onSite(failing({ level: 'warn' }), async ({ start, log }) => {
      const { adminPort, ports } = await start({ watch: false });
      const { components } = JSON.parse((await ask(adminPort, '/log-level')).body);
      assert.deepEqual(new Set(Object.values(components)), new Set([null]));
      assert.ok(['requests', 'cache', 'alerts'].every((name) => Object.hasOwn(components, name)));
      const changed = await ask(adminPort, '/log-level', put('{"components":{"requests":"debug"}}'));
      const { level, components: own } = JSON.parse(changed.body);
      assert.deepEqual([level, own.requests, own.cache], ['warn', 'debug', null]);
      const failures = () => log.entries.filter(({ message }) => message === 'a request failed');
      while (failures().length === 0) await ask(ports.get('web'), '/down');
      assert.ok(
        log.entries.every(({ message }) => message !== 'a request was refused'),
        'it is told once',
      );
      assert.deepEqual(
        failures().map(({ fields }) => 'component' in fields && fields.component)[0],
        'requests',
      );
      const back = await ask(adminPort, '/log-level', put('{"components":{"requests":null}}'));
      assert.equal(JSON.parse(back.body).components.requests, null);
    });
  });

  it('is refused for parts that there are not, with the nearest name', async () => {
    await onSite(failing({ level: 'warn' }), async ({ start, log }) => {
      const { adminPort } = await start({ watch: false });
      const before = log.levels;
      const refused = await ask(adminPort, '/log-level', put('{"components":{"chache":"debug"}}'));
      assert.equal(refused.status, 422);
      assert.match(JSON.parse(refused.body).detail, /no component chache; did you mean cache\?.*requests, /);
      for (const body of [
        '{"components":{"__proto__":"debug"}}',
        '{"components":{"cache":"loud"}}',
        '{"components":["cache"]}',
        '{"components":null}',
        '{"level":"debug","component":"cache"}',
      ])
        assert.equal((await ask(adminPort, '/log-level', put(body))).status, 422, body);
      assert.equal(log.levels, before);
    });
  });

  it('of parts comes with a configuration, and is told from what was set by hand', async () => {
    const own = (components: object) => failing({ level: 'warn', components });
    await onSite(own({ cache: 'debug' }), async ({ start, write, log }) => {
      const gateway = await start({ watch: false });
      assert.deepEqual(log.levels, { level: 'warn', components: { cache: 'debug' } });
      await ask(gateway.adminPort, '/log-level', put('{"components":{"alerts":"error"}}'));
      await write(failing({ level: 'warn', components: { cache: 'debug' }, format: 'json' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.deepEqual(log.levels.components, { cache: 'debug', alerts: 'error' });
      await write(own({ limits: 'debug' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.deepEqual(log.levels.components, { limits: 'debug' });
      await write(own({ chache: 'debug' }));
      assert.equal((await gateway.reload('test')).kind, 'rejected');
    });
  });

  it('comes with a configuration, and stays as it was set through a reload of something else', async () => {
    await onSite(failing({ level: 'warn' }), async ({ start, write, log }) => {
      const gateway = await start({ watch: false });
      assert.equal(log.levels.level, 'warn');
      await ask(gateway.adminPort, '/log-level', put('{"level":"debug"}'));
      await write(failing({ level: 'warn', format: 'json' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(log.levels.level, 'debug');
      await write(failing({ level: 'error' }));
      assert.equal((await gateway.reload('test')).kind, 'applied');
      assert.equal(log.levels.level, 'error');
    });
  });
});
