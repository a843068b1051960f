import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import { adminJson, ask, onSite, ping, saying } from '../threads/fixture.ts';

type Told = Readonly<Record<string, unknown>>;

/** Runs somebody who wants to hear of alerts, but answers first with these statuses. */
async function withReceiver(
  statuses: readonly number[],
  use: (url: string, told: readonly Told[]) => Promise<void>,
): Promise<void> {
  const told: Told[] = [];
  const left = [...statuses];
  const server = createServer((request, response) => {
    request.toArray().then(
      (chunks) => {
        const status = left.shift() ?? 200;
        if (status === 200) told.push(JSON.parse(Buffer.concat(chunks).toString()));
        response.writeHead(status).end();
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-hook`, told);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function alerting(url: string, above: number, body = 'pong'): string {
  const when = { metric: 'turnpike_config_revision', above, for: '0s' };
  const objective = { name: 'pings', when: { route: 'ping', slo: '99.9%' }, notify: url };
  const alerts = [{ name: 'revision', when, notify: url, severity: 'ticket' }, objective];
  return saying(body, { telemetry: { accessLog: 'off', alerts } });
}

describe('alerts of a gateway', { timeout: 60_000 }, () => {
  it('fire, are told over HTTP although the receiver failed once, and end', async () => {
    await withReceiver([503], async (url, told) => {
      await onSite(alerting(url, 0), async (site) => {
        const gateway = await site.start({ watch: false });
        await eventually(() => told.length === 1, 'told of the beginning');
        const [firing] = told;
        assert.equal(firing?.['alert'], 'revision');
        assert.equal(firing['state'], 'firing');
        assert.equal(firing['severity'], 'ticket');
        assert.equal(firing['value'], 1);

        const shown = (await adminJson(gateway, '/alerts')) as unknown as readonly Told[];
        assert.deepEqual(
          shown.map(({ alert, state }) => [alert, state]),
          [
            ['revision', 'firing'],
            ['pings', 'quiet'],
          ],
        );
        const { body } = await ask(gateway.adminPort, '/metrics');
        assert.match(body, /^turnpike_alerts\{alert="revision",state="firing"\} 1$/m);
        assert.match(body, /^turnpike_alerts\{alert="pings",state="quiet"\} 1$/m);
        assert.match(body, /^turnpike_alert_messages_total\{outcome="delivered"\} 1$/m);

        await site.write(alerting(url, 100, 'other'));
        await gateway.reload('test');
        assert.equal(await ping(gateway), 'other');
        await eventually(() => told.length === 2, 'told of the end');
        assert.equal(told[1]?.['state'], 'resolved');
        const { body: config } = await ask(gateway.adminPort, '/config');
        assert.doesNotMatch(config, /secret-hook/);
        assert.doesNotMatch(JSON.stringify(site.log.entries), /secret-hook/);
      });
    });
  });

  it('go on after a restart: nothing is told again, and what is over is told', async () => {
    await withReceiver([], async (url, told) => {
      await onSite(alerting(url, 0), async (site) => {
        const first = await site.start({ watch: false });
        await eventually(() => told.length === 1, 'told of the beginning');
        const shown = async (gateway: typeof first) =>
          ((await adminJson(gateway, '/alerts')) as unknown as readonly Told[])[0];
        const since = (await shown(first))?.['firingSince'];
        assert.equal(await first.stop('SIGTERM'), 0);
        const saved = await readFile(join(site.directory, '.turnpike', 'alerts.json'), 'utf8');
        assert.doesNotMatch(saved, /secret-hook/);

        const second = await site.start({ watch: false });
        assert.equal((await shown(second))?.['state'], 'firing');
        assert.equal((await shown(second))?.['firingSince'], since);
        assert.equal(await second.stop('SIGTERM'), 0);

        await site.write(alerting(url, 100));
        await site.start({ watch: false });
        await eventually(() => told.length === 2, 'told of the end');
        assert.deepEqual([told[1]?.['state'], told[1]?.['startedAt']], ['resolved', since]);
      });
    });
  });

  it('are silenced over the admin API, also after a restart, until somebody ends it', async () => {
    await withReceiver([], async (url) => {
      await onSite(alerting(url, 100), async (site) => {
        const first = await site.start({ watch: false });
        const send = (body: object) =>
          ask(first.adminPort, '/alerts/silences', { method: 'POST', body: JSON.stringify(body) });
        const refused = await send({ alert: 'revison', for: '1h', reason: 'work' });
        assert.equal(refused.status, 422);
        assert.match(refused.body, /did you mean \\"revision\\"/);
        for (const wrong of [{ for: '1h' }, { for: '10sec', reason: 'x' }, { for: '31d', reason: 'x' }])
          assert.equal((await send({ alert: 'revision', ...wrong })).status, 422);

        const { status, body } = await send({ alert: 'revision', for: '1h', reason: 'planned work' });
        assert.equal(status, 201, body);
        const { id, author } = JSON.parse(body) as { readonly id: string; readonly author: string };
        assert.equal(author, 'loopback');
        assert.equal(await first.stop('SIGTERM'), 0);

        await site.write(alerting(url, 0));
        const second = await site.start({ watch: false });
        const silences = async () =>
          (await adminJson(second, '/alerts/silences')) as unknown as readonly Told[];
        const state = async () =>
          ((await adminJson(second, '/alerts')) as unknown as readonly Told[])[0]?.['state'];
        assert.equal((await silences())[0]?.['reason'], 'planned work');
        assert.equal(await state(), 'silenced');
        const end = () => ask(second.adminPort, `/alerts/silences/${id}`, { method: 'DELETE' });
        assert.equal((await end()).status, 204);
        assert.equal((await end()).status, 404);
        assert.equal(await state(), 'firing');
        assert.deepEqual(await silences(), []);
      });
    });
  });

  it('cost nothing but messages when nobody listens', async () => {
    await onSite(alerting('http://127.0.0.1:1/', 0), async (site) => {
      const gateway = await site.start({ watch: false });
      await site.log.heard('a message about an alert has to be sent again');
      assert.equal(await ping(gateway), 'pong');
      assert.equal(await gateway.stop('SIGTERM'), 0);
    });
  });
});
