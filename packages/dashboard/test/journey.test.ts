// What an operator does, from the first route to its end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startMock } from '../dev/mock-server.ts';
import type { JsonObject } from '../src/api/types.ts';
import {
  build,
  launch,
  open,
  settled,
  violations,
  visit,
  type Watched,
  withoutBrowser,
} from './dashboard-testing.ts';

describe('an operator', { skip: withoutBrowser(), timeout: 240_000 }, () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  let watched: Watched;
  let page: Page;

  before(async () => {
    [browser, mock] = await Promise.all([launch(), startMock({ dist: build() })]);
  });
  after(async () => {
    await browser?.close();
    mock?.close();
  });
  beforeEach(async () => {
    watched = await open(browser, mock.origin);
    ({ page } = watched);
    await settled(page);
  });
  afterEach(() => page.context().close());

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const noFaults = (): void => assert.deepEqual(watched.faults, []);

  it('creates a route, breaks it, sees why, mends it, applies it and rolls it back', async () => {
    const before_ = mock.store.head().number;
    await visit(page, '#/routes');
    await page.getByRole('link', { name: 'New route' }).click();
    await page.getByLabel('Name of the route').fill('invoices');
    await page.getByRole('textbox', { name: 'path' }).fill('/invoices/{id}');
    await page.getByRole('combobox', { name: 'service', exact: true }).fill('no-such-service');
    const error = page.locator('.field-error', { hasText: 'no-such-service' });
    await error.waitFor();
    assert.ok(await button('Review').isDisabled(), 'what is wrong cannot be applied');
    assert.deepEqual(await violations(page), []);
    await page.getByRole('combobox', { name: 'service', exact: true }).fill('payments');
    await page.getByText('Valid').waitFor();
    await button('Review').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('added').waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByLabel('Why, for the history').fill('invoices for everybody');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('heading', { name: 'invoices', exact: true }).waitFor();
    await page.getByText(`Applied as revision ${before_ + 1}`).waitFor();
    assert.equal(mock.store.head().message, 'invoices for everybody');
    assert.deepEqual(mock.store.head().state.routes['invoices'], {
      match: { path: '/invoices/{id}' },
      service: 'payments',
    });

    await visit(page, `#/revisions/${before_}`);
    await button('Roll back to this').click();
    await dialog.getByText('1 route is removed').waitFor();
    await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.getByRole('heading', { name: `Revision ${before_ + 2}` }).waitFor();
    assert.equal(mock.store.head().state.routes['invoices'], undefined);
    noFaults();
  });

  it('silences an alert for a reason, and ends the silence of another', async () => {
    await visit(page, '#/alerts');
    await page.getByText('By grace until').waitFor();
    await button('Silence checkout fails').click();
    const dialog = page.getByRole('dialog');
    const silence = dialog.getByRole('button', { name: 'Silence', exact: true });
    assert.ok(await silence.isDisabled(), 'without a reason nobody knows why');
    await dialog.getByLabel('How long').selectOption('4h');
    await dialog.getByLabel('Reason').fill('The shop moves.');
    assert.deepEqual(await violations(page), []);
    await silence.click();
    await page.getByText('The shop moves.').waitFor();
    await button('End the silence of media is away').click();
    await page.getByText('By grace until').waitFor({ state: 'detached' });
    noFaults();
  });

  it('edits by form and by text at the same time, and is warned of what is dangerous', async () => {
    await visit(page, '#/routes/checkout');
    const text = page.getByLabel('The document as text');
    await page.getByRole('textbox', { name: 'limit', exact: true }).fill('7');
    assert.match(await text.inputValue(), /limit: 7/);
    await text.fill('match: { path: /checkout }\nservice: payments\n');
    await page.getByText('Valid').waitFor();
    assert.equal(
      await page.getByRole('textbox', { name: 'limit', exact: true }).count(),
      0,
      'the form follows',
    );
    await text.fill('match: [');
    await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
    await text.fill('match: { path: /checkout }\nservice: payments\n');
    await page.getByText('Valid').waitFor();
    await button('Review').click();
    await page.getByText('loses authentication').waitFor();
    await page.getByRole('button', { name: 'Apply all the same' }).waitFor();
    await page.keyboard.press('Escape');
    noFaults();
  });

  it('sends a change out step by step, and holds it', async () => {
    await visit(page, '#/services/inventory');
    await page.getByRole('textbox', { name: 'request', exact: true }).fill('6');
    await page.getByText('Valid').waitFor();
    await button('Review').click();
    await page.getByLabel('How it goes out').selectOption('25');
    assert.deepEqual(await violations(page), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByText('is on its way, step by step').waitFor();
    await visit(page, '#/fleet');
    const rollout = page.getByRole('listitem').filter({ hasText: 'by you' }).first();
    await rollout.getByText('25%').waitFor();
    await rollout.getByRole('button', { name: 'Pause' }).click();
    await rollout.getByText('paused').waitFor();
    await rollout.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await rollout.getByText('rolled-back').waitFor();
    noFaults();
  });

  it('goes away from what it has begun, and finds it again', async () => {
    await visit(page, '#/services/search');
    await page.getByRole('textbox', { name: 'request', exact: true }).fill('77');
    await page.getByText('Valid').waitFor();
    await visit(page, '#/overview');
    await visit(page, '#/services/search');
    assert.equal(await page.getByRole('textbox', { name: 'request', exact: true }).inputValue(), '77');
    await button('Discard').click();
    assert.notEqual(await page.getByRole('textbox', { name: 'request', exact: true }).inputValue(), '77');
    noFaults();
  });

  it('finds what it has begun when the page is loaded again', async () => {
    await visit(page, '#/routes/+new');
    await page.getByLabel('Name of the route').fill('begun');
    await page.getByRole('textbox', { name: 'path' }).fill('/begun');
    await page.getByText('1 error').waitFor();
    page.on('dialog', (dialog) => void dialog.accept()); // the browser asks whether to leave
    await page.reload();
    await page.getByText('What you had begun is back').waitFor();
    assert.equal(await page.getByLabel('Name of the route').inputValue(), 'begun');
    assert.equal(await page.getByRole('textbox', { name: 'path' }).inputValue(), '/begun');
    await button('Discard').click();
    noFaults();
  });

  it('keeps no secret in the storage of the browser', async () => {
    await visit(page, '#/certificates/+new');
    await page.getByLabel('Name of the certificate').fill('site');
    await page
      .getByRole('textbox', { name: 'key', exact: true })
      .fill('-----BEGIN PRIVATE KEY-----\nsecret\n');
    await page
      .getByRole('textbox', { name: 'certificate', exact: true })
      .fill('-----BEGIN CERTIFICATE-----\nopen\n');
    await page.waitForFunction(() => JSON.stringify(sessionStorage).includes('open'));
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /PRIVATE|secret/);
    await button('Discard').click();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    noFaults();
  });

  /** Somebody else changes a service. */
  function changeMeanwhile(name: string, changes: JsonObject): void {
    const document = { ...mock.store.head().state.services[name], ...changes };
    const how = { isDryRun: false, message: 'faster', origin: 'api' };
    mock.store.change([{ kind: 'services', name, document }], how);
  }

  it('is told when somebody else was faster, and takes theirs', async () => {
    await visit(page, '#/services/catalog');
    await page.getByRole('textbox', { name: 'request', exact: true }).fill('9');
    await page.getByText('Valid').waitFor();
    changeMeanwhile('catalog', { timeouts: { request: '1s' } });
    await button('Review').click();
    await page.getByText('Somebody has changed this meanwhile').waitFor();
    assert.deepEqual(await violations(page), []);
    await button('Back').click();
    assert.equal(await page.getByRole('textbox', { name: 'request', exact: true }).inputValue(), '9');
    await button('Take theirs').click();
    await page.waitForFunction(
      () => globalThis.document.querySelector<HTMLInputElement>('input[aria-label=request]')?.value === '1',
    );
    noFaults();
  });

  it('brings its own changes over to those of somebody else', async () => {
    await visit(page, '#/services/media');
    await page.getByRole('textbox', { name: 'request', exact: true }).fill('8');
    await page.getByText('Valid').waitFor();
    changeMeanwhile('media', { balancer: 'round-robin' });
    await button('Review').click();
    await page.getByText('Somebody has changed this meanwhile').waitFor();
    await button('Back').click();
    await button('Bring mine over').click();
    await page.getByText('Valid').waitFor();
    await button('Review').click();
    await page.getByRole('dialog').getByText('/timeouts/request').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByText('Applied as revision').waitFor();
    const { balancer, timeouts } = mock.store.head().state.services['media'] ?? {};
    assert.deepEqual([balancer, (timeouts as JsonObject)['request']], ['round-robin', '8s']);
    noFaults();
  });

  it('takes everything out to a file, and in again with the plan before', async () => {
    await visit(page, '#/transfer');
    await page.getByRole('radio', { name: 'JSON' }).click();
    const saved = page.waitForEvent('download');
    await button('Download').click();
    const file = await (await saved).path();
    const document = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, JsonObject>>;
    assert.ok(Object.hasOwn(document['services'] ?? {}, 'orders'));
    assert.equal((await saved).suggestedFilename(), 'turnpike.json');

    const content = Buffer.from('lists:\n  partners:\n    addresses: [192.0.2.0/28]\n');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'partners.yaml', mimeType: 'application/yaml', buffer: content });
    await page.waitForFunction(
      () =>
        globalThis.document.querySelector<HTMLTextAreaElement>('textarea')?.value.includes('partners') ===
        true,
    );
    await button('Review').click();
    await page.getByRole('dialog', { name: 'Import partners.yaml' }).getByText('added').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click();
    await page.getByText('Applied as revision').waitFor();
    assert.deepEqual(mock.store.head().state.lists['partners'], { addresses: ['192.0.2.0/28'] });

    await page
      .getByLabel('The document to import')
      .fill('routes: { lost: { match: { path: /l }, service: no } }');
    await button('Review').click();
    await page.getByRole('dialog').getByText('/routes/lost/service').waitFor();
    assert.ok(await page.getByRole('dialog').getByRole('button', { name: 'Import' }).isDisabled());
    noFaults();
  });

  it('looks up how a key of a limit stands, and lets it start afresh', async () => {
    await visit(page, '#/limits');
    await button('Look up a key of 100/1m of checkout').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('consumer').fill('acme');
    await page.keyboard.press('Enter');
    await dialog.getByText('12 of 100').waitFor();
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Let it start afresh' }).click();
    await page.getByText('It starts afresh').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).first().click();
    assert.equal(
      await page.evaluate(() => globalThis.document.activeElement?.getAttribute('aria-label')),
      'Look up a key of 100/1m of checkout',
      'the focus goes back',
    );
    noFaults();
  });

  it('makes a key, sees it once, changes what it says, and revokes it', async () => {
    await visit(page, '#/consumers/acme');
    await button('New key').click();
    await page.getByLabel('Label').fill('a laptop');
    await button('Create').click();
    const key = await page.getByRole('textbox', { name: 'The new key' }).inputValue();
    assert.match(key, /^tp_\w{8}_/);
    assert.deepEqual(await violations(page), []);
    await button('I have kept it').click();
    await page
      .getByRole('row', { name: /a laptop/ })
      .getByText('active')
      .waitFor();
    assert.ok(!(await page.content()).includes(key), 'it is shown once');
    await page
      .getByRole('row', { name: /a laptop/ })
      .getByRole('button', { name: /^Edit/ })
      .click();
    await page.getByLabel('Label').fill('a server');
    await page.getByLabel('Expires').fill('');
    await button('Save').click();
    const row = page.getByRole('row', { name: /a server/ });
    await row.getByText('never').first().waitFor();
    await row.getByRole('button', { name: /^Rotate/ }).click();
    await page.getByLabel('The old key').selectOption('1h');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: /^Revoke/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('revoked').waitFor();
    noFaults();
  });

  it('watches requests, holds them, narrows them down, and sees why one went as it did', async () => {
    await visit(page, '#/tail');
    const rows = page.locator('.tail-table tbody tr');
    await rows.first().waitFor();
    await button('Pause').click();
    await page.getByText('paused').waitFor();
    await page.locator('.row-button', { hasText: '/wp-login.php' }).first().click();
    await page.getByText('NO_ROUTE').first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await button('Go on').click();
    await page.getByLabel('Status').selectOption('4xx');
    await page.waitForFunction(() => location.hash.includes('status=4xx'));
    await page.getByLabel('Filter in CEL').fill('line ??');
    await button('Filter').click();
    await page.getByText('the filter is no expression').waitFor();
    noFaults();
  });

  it('goes on when the gateway is back', async () => {
    await visit(page, '#/tail');
    await page.locator('.row-button').first().waitFor();
    await page.context().setOffline(true);
    await visit(page, '#/overview');
    await page.getByText('no answer').waitFor();
    await visit(page, '#/tail');
    await page.getByText('not connected').waitFor();
    await page.context().setOffline(false);
    await page.getByText('live', { exact: true }).waitFor();
    await page.locator('.bar .badge', { hasText: 'ready' }).waitFor();
    noFaults();
  });

  it('chooses among a few by arrows', async () => {
    await visit(page, '#/overview');
    await page.getByRole('radio', { name: '1 hour' }).press('ArrowLeft');
    await page.waitForFunction(() => location.hash.includes('span=15m'));
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), '15 min');
    noFaults();
  });

  it('never loses the focus while a form grows and shrinks', async () => {
    await visit(page, '#/routes/+new');
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const { activeElement: one } = globalThis.document;
        return one?.getAttribute('aria-label') ?? one?.textContent ?? '';
      });
    await button('Add methods').press('Enter');
    assert.match(await focused(), /Add to methods/);
    await page.keyboard.press('Enter');
    assert.equal(await focused(), 'methods 1');
    await page.keyboard.type('GET');
    await button('Remove methods').press('Enter');
    assert.match(await focused(), /Add methods/);
    noFaults();
  });

  it('finds its way by keyboard', async () => {
    // At once: the second letter counts for a moment only, and a busy machine takes longer between two steps.
    await Promise.all([page.keyboard.press('g'), page.keyboard.press('y')]);
    await page.getByRole('heading', { name: 'Topology' }).waitFor();
    assert.equal(
      await page.evaluate(() => document.activeElement?.tagName),
      'H1',
      'a page begins at its title',
    );
    await page.keyboard.press('/');
    await page.keyboard.type('suggest');
    await page.getByRole('link', { name: /search-suggest/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: /orders-one/ }).count(), 0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('acme');
    await page.getByRole('option', { name: /acme/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'acme', exact: true }).waitFor();
    await page.locator('body').press('?');
    await page.getByRole('dialog').getByText('Find a page').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    noFaults();
  });

  it('asks what would become of a request, and shares the answer by its address', async () => {
    await visit(page, '#/explain');
    await page.getByLabel('URL').fill('/orders/7');
    await button('Explain').click();
    await page.getByText('ends the exchange after 5s').waitFor();
    const shared = page.url();
    await visit(page, '#/overview');
    await page.goto(shared);
    await page.getByText('ends the exchange after 5s').waitFor();
    noFaults();
  });

  it('purges the cache after a look', async () => {
    await visit(page, '#/cache');
    await button('Purge').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click();
    await page.getByText('Purged: everything').waitFor();
    noFaults();
  });

  it('chooses colours, and they stay', async () => {
    await button('Colours').click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await paper();
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.equal(await paper(), dark);
    await button('Colours').click();
    await page.getByRole('menuitem', { name: 'Light' }).click();
    assert.notEqual(await paper(), dark);
    noFaults();
  });
});
