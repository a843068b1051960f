// A change goes out step by step from the dashboard of one gateway, over a real PostgreSQL, to gateways that serve requests.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { postgresServer, withoutPostgres, type PostgresServer } from '@turnpike/testkit/postgres-server';
import type { Browser } from 'playwright-core';
import {
  buildInPlace,
  launch,
  open,
  settled,
  violations,
  visit,
  withoutBrowser,
} from './dashboard-testing.ts';
import { runGateway, type RunningGateway } from '../../../e2e/running-gateway.ts';

const GATEWAYS = 3;
const LOOK_MS = 500;

function configFor(url: string, state: string): string {
  return `
listeners: { web: { address: "127.0.0.1:0" } }
admin: { address: "127.0.0.1:0" }
stores: { database: { url: "${url}", poll: 1s } }
runtime: { threads: 1, stateDirectory: ${state}, drainTimeout: 1s }
telemetry: { accessLog: off }
services: { nobody: { endpoints: ["http://127.0.0.1:1"] } }
`;
}

const route = (body: string) => ({ match: { path: '/shared' }, respond: { body } });

describe(
  'a fleet, from the dashboard',
  { skip: withoutBrowser() || withoutPostgres(), timeout: 240_000 },
  () => {
    let postgres: PostgresServer;
    let folder: string;
    let browser: Browser;
    let gateways: readonly RunningGateway[] = [];
    const traffic = new AbortController();
    let running: Promise<void> = Promise.resolve();

    before(async () => {
      buildInPlace();
      folder = await mkdtemp(join(tmpdir(), 'turnpike-dashboard-fleet-'));
      postgres = await postgresServer();
      const url = await postgres.createDatabase();
      const start = (number: number) => runGateway(configFor(url, join(folder, String(number))));
      // The first one makes the tables.
      const first = await start(0);
      gateways = [first];
      const others = Array.from({ length: GATEWAYS - 1 }, (_, number) => start(number + 1));
      [browser, ...gateways] = await Promise.all([launch(), ...others]);
      gateways = [first, ...gateways];
      await put('before');
      await put('after');
      running = sendRequests();
    });
    after(async () => {
      traffic.abort();
      await running;
      await browser?.close();
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]();
      await postgres?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const adminOf = (gateway: RunningGateway | undefined): string => `http://127.0.0.1:${gateway?.adminPort}`;

    async function put(body: string): Promise<void> {
      const response = await fetch(`${adminOf(gateways[0])}/v1/routes/shared`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(route(body)),
      });
      assert.ok(response.ok, await response.text());
    }

    /** What every gateway answers, in their order. */
    const answers = () =>
      Promise.all(
        gateways.map(async ({ port }) => {
          const response = await fetch(`http://127.0.0.1:${port}/shared`);
          return response.ok ? response.text() : String(response.status);
        }),
      );

    /** Clients that do not stop. */
    async function sendRequests(): Promise<void> {
      while (!traffic.signal.aborted) await answers();
    }

    async function until(holds: (all: readonly string[]) => boolean): Promise<void> {
      const endsAt = performance.now() + 60_000;
      for (;;) {
        const all = await answers();
        if (holds(all)) return;
        assert.ok(performance.now() < endsAt, all.join());
        // Slowly: of a few requests nobody says which side does worse, and a busy machine has slow ones.
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }

    it('starts a roll-out, compares, pauses it and takes it back', async () => {
      await until((all) => all.every((one) => one === 'after'));
      const { page, faults } = await open(browser, `${adminOf(gateways[0])}/#/fleet`);
      await settled(page);
      const list = page.getByRole('region', { name: 'Roll-outs' });
      await page.getByRole('button', { name: 'New roll-out' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Revision').selectOption('1');
      await dialog.getByLabel('Steps').selectOption('25');
      await dialog.getByLabel('Minutes for each step').fill('10');
      await dialog.getByRole('button', { name: 'Review' }).click();
      await dialog.getByText('changed').first().waitFor();
      await dialog.getByRole('button', { name: /^Start/ }).click();
      await dialog.waitFor({ state: 'detached' });

      // Chance decides who is first; of three gateways, a quarter is one.
      const isDivided = (all: readonly string[]): boolean => new Set(all).size === 2;
      await until(isDivided);
      const row = (name: string) => list.getByRole('row', { name: new RegExp(`^${name}`) });
      await row('With it').getByText('1 gateway', { exact: true }).waitFor();
      await row('Without').getByText('2 gateways', { exact: true }).waitFor();
      assert.deepEqual(await violations(page), []);

      await list.getByRole('button', { name: 'Pause' }).click();
      await list.getByText('paused', { exact: true }).waitFor();
      assert.ok(isDivided(await answers()), 'nothing moves');
      await list.getByRole('button', { name: 'Go on' }).click();
      await list.getByText('running', { exact: true }).waitFor();
      await list.getByRole('button', { name: 'Roll back' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
      await list.getByText('rolled-back', { exact: true }).waitFor();
      await until((all) => all.every((one) => one === 'after'));
      assert.deepEqual(faults, []);
      await page.context().close();
    });

    it('shows that a bad one was taken back by the gateways themselves, and why', async () => {
      running = sendRequests();
      const { page, faults } = await open(browser, `${adminOf(gateways[1])}/#/routes/shared`);
      await page.getByLabel('The document as text').fill('match: { path: /shared }\nservice: nobody\n');
      await page.getByText('Valid', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Review' }).click();
      await page.getByLabel('How it goes out').selectOption('25');
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Apply/ })
        .click();
      await page.getByText('is on its way').waitFor();
      await visit(page, '#/fleet');
      const [newest] = await page.getByRole('region', { name: 'Roll-outs' }).getByRole('listitem').all();
      await newest?.getByText('rolled-back', { exact: true }).waitFor({ timeout: 60_000 });
      await newest
        ?.getByText(/errors|fail/i)
        .first()
        .waitFor();
      await until((all) => all.every((one) => one === 'after'));
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  },
);
