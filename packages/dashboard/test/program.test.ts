// The dashboard of the real program: what is done here is done there, and clients notice.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { testAuthority } from '@turnpike/testkit/test-authority';
import { runGateway, type RunningGateway } from '../../../e2e/running-gateway.ts';
import {
  buildInPlace,
  launch,
  open,
  openTab,
  settled,
  violations,
  visit,
  type Watched,
  withoutBrowser,
} from './dashboard-testing.ts';

const authority = testAuthority();
const TOKEN = 'a-token-of-an-administrator';

describe('the dashboard of the program', { skip: withoutBrowser(), timeout: 240_000 }, () => {
  let browser: Browser;
  let folder: string;
  let service: Server;
  let gateway: RunningGateway;

  before(async () => {
    buildInPlace();
    folder = await mkdtemp(join(tmpdir(), 'turnpike-dashboard-'));
    service = createServer((request, response) => response.end(`echo ${request.url}`)).listen(0, '127.0.0.1');
    await once(service, 'listening');
    const own = authority.issue({ names: ['own.example'] });
    await writeFile(join(folder, 'own.pem'), own.cert);
    await writeFile(join(folder, 'own.key'), own.key);
    [browser, gateway] = await Promise.all([
      launch(),
      runGateway(`
listeners:
  web: { address: "127.0.0.1:0" }
  secure: { address: "127.0.0.1:0", tls: { certificates: [{ certificate: ${folder}/own.pem, key: ${folder}/own.key }] } }
admin: { address: "127.0.0.1:0", tokens: [{ token: ${TOKEN}, role: admin, name: root }] }
stores: { database: { url: "sqlite:${folder}/turnpike.db" } }
runtime: { threads: 2, stateDirectory: ${folder}/state }
telemetry: { accessLog: off, debug: { secret: ${'s'.repeat(40)} } }
routes:
  ping: { match: { path: /ping }, respond: { body: pong } }`),
    ]);
  });
  after(async () => {
    await browser?.close();
    await gateway?.stop('SIGKILL');
    service?.close();
    service?.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });

  /** What a client gets. */
  async function get(path: string, headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers });
    return `${response.status} ${(await response.text()).slice(0, 40)}`;
  }

  /** Replaces the document as text, and applies it. */
  async function apply(page: Page, text: string): Promise<void> {
    await page.getByLabel('The document as text').fill(text);
    await page.getByText('Valid').waitFor();
    await page.getByRole('button', { name: 'Review' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Apply/ }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  async function create(page: Page, kind: string, name: string, text: string): Promise<void> {
    await visit(page, `#/${kind}/+new`);
    await page.locator('#object-name').fill(name);
    await apply(page, text);
    await page.getByRole('heading', { name, exact: true }).waitFor();
  }

  it('lets in with a token, takes a route from the first try to its end, and shows its requests', async () => {
    const { page, faults } = await open(browser, `http://127.0.0.1:${gateway.adminPort}/`);
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();

    const { port } = service.address() as AddressInfo;
    await create(page, 'services', 'echo', `endpoints: ["http://127.0.0.1:${port}"]`);

    // A route that leads nowhere is told at its field, and cannot be applied.
    await visit(page, '#/routes/+new');
    await page.locator('#object-name').fill('hello');
    await page.getByLabel('The document as text').fill('match: { path: /hello }\nservice: nobody\n');
    await page.locator('.field-error', { hasText: 'nobody' }).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Review' }).isDisabled());
    assert.deepEqual(await violations(page), []);
    await apply(page, 'match: { path: /hello }\nservice: echo\n');
    await page.getByRole('heading', { name: 'hello', exact: true }).waitFor();
    assert.equal(await get('/hello'), '200 echo /hello');

    // Now only for those with a key.
    await apply(
      page,
      'match: { path: /hello }\nservice: echo\npolicies: { authenticate: { with: consumers } }\n',
    );
    assert.match(await get('/hello'), /^401/);
    await create(page, 'consumers', 'acme', 'plan: gold\n');
    await visit(page, '#/consumers/acme');
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Label').fill('test');
    await page.getByRole('button', { name: 'Create' }).click();
    const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
    await page.getByRole('button', { name: 'I have kept it' }).click();

    // It is used, and seen.
    await visit(page, '#/tail');
    await page.getByText('live', { exact: true }).waitFor();
    await untilOk(() => get('/hello', { 'x-api-key': key }));
    await page.locator('.row-button', { hasText: '/hello' }).first().waitFor();

    // One that brings a debug token has the decisions about it beside its line.
    const token = debugToken(gateway.configFile);
    const traced = { 'x-api-key': key, 'x-turnpike-debug': token };
    await fetch(`http://127.0.0.1:${gateway.port}/hello`, { method: 'POST', headers: traced });
    await page.locator('.row-button', { hasText: 'POST /hello' }).first().click();
    await page.getByRole('dialog').getByText('Decision trace').waitFor();
    await page.getByRole('dialog').getByText('allowed').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');

    // What would become of it is explained by the same gateway.
    await visit(page, '#/explain?method=GET&url=/hello');
    await page.getByText('authenticate').first().waitFor();

    // Back to before there was a route.
    await visit(page, '#/revisions/1');
    await page.getByRole('button', { name: 'Roll back to this' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('removed').first().waitFor();
    await dialog.getByRole('button', { name: /^Roll back/ }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.match(await get('/hello'), /^404/);
    await visit(page, '#/audit');
    await page.getByRole('cell', { name: 'revision.rollback' }).waitFor();
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  /** A tab of somebody who may do everything. */
  async function signedIn(): Promise<Watched> {
    const watched = await open(browser, `http://127.0.0.1:${gateway.adminPort}/`);
    await watched.page.getByLabel('Token').fill(TOKEN);
    await watched.page.getByRole('button', { name: 'Sign in' }).click();
    await settled(watched.page);
    return watched;
  }

  it('imports a document, refuses who is over a limit, and lets them start afresh', async () => {
    const { page, faults } = await signedIn();
    await visit(page, '#/transfer');
    const document = `routes:
  scarce: { match: { path: /scarce }, respond: { body: yes }, policies: { rateLimit: { limit: 2, per: 1h, by: ip, name: few } } }`;
    await page.getByLabel('The document to import').fill(document);
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('dialog').getByText('added').waitFor();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Import/ })
      .click();
    await page.getByText('Applied as').waitFor();
    assert.deepEqual(
      [await get('/scarce'), await get('/scarce'), (await get('/scarce')).slice(0, 3)],
      ['200 yes', '200 yes', '429'],
    );

    await visit(page, '#/limits');
    await page.getByRole('button', { name: 'Look up a key of few of scarce' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('ip').fill('127.0.0.1');
    await dialog.getByRole('button', { name: 'Look up' }).click();
    await dialog.getByText('refused', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Let it start afresh' }).click();
    await dialog.getByText('has room').waitFor();
    assert.equal(await get('/scarce'), '200 yes');
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('takes a certificate, shows it to clients, and its key to nobody', async () => {
    const { page, faults } = await signedIn();
    const { cert, key } = authority.issue({ names: ['shop.example'] });
    await visit(page, '#/certificates/+new');
    await page.locator('#object-name').fill('shop');
    const file = (name: string, text: string) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(text),
    });
    await page.getByLabel('certificate from a file').setInputFiles(file('shop.pem', cert));
    await page.getByLabel('key from a file').setInputFiles(file('shop.key', key));
    await page.getByText('Valid', { exact: true }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Review' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Apply/ }).click();
    await dialog.waitFor({ state: 'detached' });
    await visit(page, '#/certificates/shop?tab=shown');
    await page.getByRole('rowheader', { name: 'shop.example' }).waitFor();
    await visit(page, '#/certificates/shop');
    assert.equal(await page.getByRole('textbox', { name: 'key', exact: true }).inputValue(), '***');
    await untilOk(async () => `${(await namesShown('shop.example')) === 'DNS:shop.example' ? 200 : 0}`);
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  /** For which names the certificate is that a client is shown. */
  async function namesShown(servername: string): Promise<string> {
    const { ports } = (gateway.log.find(({ message }) => message === 'serving') ?? {}) as {
      ports?: Record<string, number>;
    };
    const socket = connect({
      port: ports?.['secure'] ?? 0,
      host: '127.0.0.1',
      servername,
      ca: authority.cert,
    });
    await once(socket, 'secureConnect');
    const { subjectaltname = '' } = socket.getPeerCertificate();
    socket.destroy();
    return subjectaltname;
  }

  it('restarts a thread, also when the session was begun anew in another tab', async () => {
    const { page, faults } = await signedIn();
    await visit(page, '#/fleet');
    const { page: other } = await openTab(page.context(), `http://127.0.0.1:${gateway.adminPort}/`);
    await other.getByRole('button', { name: 'Account: root' }).click();
    await other.getByRole('menuitem', { name: 'Sign out' }).click();
    await other.getByLabel('Token').fill(TOKEN);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByRole('button', { name: 'Account: root' }).waitFor();
    await page.getByRole('button', { name: 'Restart thread 0' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    await page.getByText('A new thread has taken its place').waitFor();
    assert.equal(await get('/ping'), '200 pong');
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('has no page that fails', async () => {
    const { page, faults } = await signedIn();
    const pages = [
      'overview',
      'topology',
      'alerts',
      'routes',
      'routes/ping',
      'services',
      'apis',
      'consumers',
      'identity-providers',
      'certificates',
      'lists',
      'cache',
      'limits',
      'discovery',
      'transfer',
      'revisions',
      'fleet',
      'audit',
      'settings',
      'settings?tab=gateway',
      'settings?tab=tokens',
      'settings?tab=workspaces',
    ];
    for (const one of pages) {
      await visit(page, `#/${one}`);
      assert.equal(await page.getByRole('alert').filter({ hasText: /\w/ }).count(), 0, one);
      assert.deepEqual(faults, [], one);
    }
    await page.context().close();
  });
});

/** As `turnpike debug-token` makes it for who operates this gateway. */
function debugToken(configFile: string): string {
  const program = fileURLToPath(new URL('../../cli/bin/turnpike.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, 'debug-token', '--config', configFile],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

const PATIENCE_MS = 60_000;

/** A key is known to the threads a moment after it was made. */
async function untilOk(ask: () => Promise<string>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer.startsWith('200')) return;
    assert.ok(performance.now() < endsAt, answer);
  }
}
