// People come to the dashboard through their identity provider, in a real browser and with a certified provider.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  buildInPlace,
  launch,
  open,
  settled,
  violations,
  visit,
  withoutBrowser,
} from './dashboard-testing.ts';
import { adminLoginWorld, type AdminLoginWorld } from '../../../e2e/admin-login-world.ts';
import type { RunningGateway } from '../../../e2e/running-gateway.ts';

const SESSION = /turnpike-session$/;

describe('a person with an identity provider', { skip: withoutBrowser(), timeout: 240_000 }, () => {
  let browser: Browser;
  let world: AdminLoginWorld;
  let gateway: RunningGateway;
  let origin: string;

  before(async () => {
    buildInPlace();
    [browser, world] = await Promise.all([launch(), adminLoginWorld()]);
    ({ gateway, origin } = world);
  });
  after(async () => {
    await browser?.close();
    await world?.[Symbol.asyncDispose]();
  });

  /** As a person does it: the button, the form of the provider, and back. */
  async function signIn(page: Page, name: string): Promise<void> {
    await page.getByRole('link', { name: 'Sign in with your provider', exact: true }).click();
    await page.locator('input[name=login]').fill(name);
    await page.keyboard.press('Enter');
    await page.locator('.app').waitFor();
    await settled(page);
  }

  const isThere = async (page: Page, name: string): Promise<boolean> =>
    (await page.getByRole('link', { name, exact: true }).count()) > 0;

  it('signs in, comes back to where they were, makes a workspace, and signs out', async () => {
    const { page, faults } = await open(browser, `${origin}/#/settings`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await signIn(page, 'alice');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByText('by a session of this browser').waitFor();
    await page.getByRole('tab', { name: 'Tokens' }).waitFor();

    await page.getByRole('tab', { name: 'Workspaces' }).click();
    await page.getByRole('button', { name: 'New workspace' }).click();
    await page.getByLabel('Name', { exact: true }).fill('shop');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Edit shop' }).waitFor();

    await page.getByRole('button', { name: 'Account: alice' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.equal((await fetch(`${origin}/v1/me`)).status, 401);
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('who looks only is offered nothing that would be refused', async () => {
    const { page, faults } = await open(browser, origin);
    await signIn(page, 'victor');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    assert.ok(!(await isThere(page, 'Audit log')), 'viewers may not read it');
    await visit(page, '#/routes');
    await page.getByRole('link', { name: 'ping' }).waitFor();
    assert.ok(!(await isThere(page, 'New route')));
    await visit(page, '#/fleet');
    assert.equal(await page.getByRole('button', { name: 'Restart thread 0' }).count(), 0);
    await visit(page, '#/settings?tab=gateway');
    assert.equal(await page.getByRole('radio', { name: 'Debug' }).count(), 0);
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('who has one workspace begins there, and makes what belongs to it', async () => {
    const { page, faults } = await open(browser, origin);
    await signIn(page, 'bob');
    await page.getByRole('heading', { name: 'Routes' }).waitFor();
    assert.ok(!(await isThere(page, 'Overview')));
    await page.getByRole('link', { name: 'New route' }).first().click();
    await page.getByLabel('Name of the route').fill('cart');
    await page.getByLabel('The document as text').fill('match: { path: /cart }\nrespond: { body: cart }\n');
    await page.getByText('Valid', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('heading', { name: 'cart', exact: true }).waitFor();
    await page.locator('.badge', { hasText: 'shop' }).waitFor();
    assert.equal(await (await fetch(`http://127.0.0.1:${gateway.port}/cart`)).text(), 'cart');
    assert.deepEqual(faults, []);
    await page.context().close();
  });

  it('loses nothing when the session ends while a form is open', async () => {
    const { page, faults } = await open(browser, origin);
    await signIn(page, 'alice');
    await visit(page, '#/routes/+new');
    await page.getByLabel('Name of the route').fill('late');
    await page.getByLabel('The document as text').fill('match: { path: /late }\nrespond: { body: late }\n');
    await page.getByText('Valid', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Review' }).click();
    const review = page.getByRole('dialog', { name: /Create route/ });
    await review.getByLabel('Why, for the history').fill('it was late');
    await review.getByText('added').first().waitFor();

    // What Max-Age does at its end.
    await page.context().clearCookies({ name: SESSION });
    await review.getByRole('button', { name: 'Apply' }).click();
    const over = page.getByRole('dialog', { name: 'The session is over' });
    await over.waitFor();
    assert.deepEqual(await violations(page), []);
    // The provider still knows them: the other tab comes, goes there and back, and closes itself.
    const other = page.context().waitForEvent('page');
    await over.getByRole('link', { name: /in a new tab/ }).click();
    await other;
    await over.waitFor({ state: 'detached' });

    assert.equal(await review.getByLabel('Why, for the history').inputValue(), 'it was late');
    await review.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('heading', { name: 'late', exact: true }).waitFor();
    assert.equal(await (await fetch(`http://127.0.0.1:${gateway.port}/late`)).text(), 'late');
    assert.deepEqual(faults, []);
    await page.context().close();
  });
});
