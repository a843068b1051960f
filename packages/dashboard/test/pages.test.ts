// Every page as people see it: in both themes and on a phone, without a fault, under the policy of the real server.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { startMock } from '../dev/mock-server.ts';
import {
  build,
  launch,
  type Look,
  open,
  pictureFolder,
  violations,
  visit,
  withoutBrowser,
} from './dashboard-testing.ts';

const PAGES = [
  'overview',
  'tail',
  'topology?view=diagram',
  'topology?view=outline',
  'alerts',
  'routes',
  'routes/checkout',
  'routes/welcome',
  'routes/+new',
  'services/payments',
  'services/payments?tab=endpoints',
  'services/payments?tab=load',
  'apis',
  'consumers/acme',
  'identity-providers',
  'identity-providers/keycloak?tab=status',
  'certificates',
  'certificates/shop',
  'certificates/shop?tab=shown',
  'lists',
  'explain?method=GET&url=/orders/7',
  'cache',
  'limits',
  'discovery',
  'transfer',
  'revisions',
  'revisions/4?to=1',
  'fleet',
  'audit',
  'settings',
  'settings?tab=gateway',
  'settings?tab=tokens',
  'settings?tab=workspaces',
  'no/such/page',
];

/** Themes differ in colours and in nothing else. */
const LOOKS: readonly (readonly [name: string, look: Look, rules: readonly string[]])[] = [
  ['light', { theme: 'light' }, []],
  ['dark', { theme: 'dark' }, ['color-contrast']],
  [
    'phone',
    { theme: 'light', width: 360, height: 740 },
    ['color-contrast', 'target-size', 'scrollable-region-focusable'],
  ],
];

describe('every page', { skip: withoutBrowser(), timeout: 240_000, concurrency: true }, () => {
  let browser: Browser;
  let mock: Awaited<ReturnType<typeof startMock>>;
  const pictures = pictureFolder();

  before(async () => {
    [browser, mock] = await Promise.all([launch(), startMock({ dist: build() })]);
  });
  after(async () => {
    await browser?.close();
    mock?.close();
  });

  for (const [name, look, rules] of LOOKS)
    it(`is accessible, fits and breaks no rule (${name}; pictures in ${pictures})`, async () => {
      const { page, faults } = await open(browser, mock.origin, look);
      for (const one of PAGES) {
        await visit(page, `#/${one}`);
        await page.screenshot({
          path: join(pictures, `${one.replaceAll(/\W+/g, '-')}-${name}.png`),
          fullPage: true,
        });
        assert.deepEqual(await violations(page, rules), [], one);
        assert.deepEqual(faults, [], one);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(overflow <= 0, `${one} is ${overflow} pixels too wide`);
        assert.match(await page.title(), /Turnpike$/, one);
      }
      await page.context().close();
    });
});

describe('a table on a phone', { skip: withoutBrowser(), timeout: 120_000 }, () => {
  it('is sorted by what its heads would be, which have no room', async () => {
    const [browser, mock] = await Promise.all([launch(), startMock({ dist: build() })]);
    try {
      const { page, faults } = await open(browser, mock.origin, { width: 360, height: 740 });
      await visit(page, '#/routes');
      const names = () => page.locator('tbody th').allTextContents();
      const sorted = (await names()).toSorted();
      await page.getByLabel('Sort by').selectOption('Name');
      assert.deepEqual(await names(), sorted);
      await page.getByRole('button', { name: 'Ascending' }).click();
      await page.getByRole('button', { name: 'Descending' }).waitFor();
      assert.deepEqual(await names(), sorted.toReversed());
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
      mock.close();
    }
  });
});

describe('a gateway without a database', { skip: withoutBrowser(), timeout: 120_000 }, () => {
  it('shows everything that it has, and says how to have one', async () => {
    const [browser, mock] = await Promise.all([launch(), startMock({ dist: build(), hasDatabase: false })]);
    try {
      const { page, faults } = await open(browser, mock.origin);
      await visit(page, '#/routes');
      await page.getByText('This gateway has no database').waitFor();
      assert.equal(await page.getByRole('link', { name: 'New route' }).count(), 0);
      await page.getByRole('link', { name: 'welcome' }).click();
      await page.getByRole('tab', { name: 'Configuration' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Review' }).count(), 0, 'nothing can be changed');
      for (const path of ['revisions', 'audit', 'fleet', 'settings?tab=tokens', 'consumers/internal-batch']) {
        await visit(page, `#/${path}`);
        await page.getByText('need a database').waitFor();
        await page.getByText('sqlite:./turnpike.db').waitFor();
        assert.deepEqual(await violations(page), [], path);
      }
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
      mock.close();
    }
  });
});

describe(
  'a gateway of before there was a control plane',
  { skip: withoutBrowser(), timeout: 120_000 },
  () => {
    it('is shown as far as it can say, to who has its token', async () => {
      const [browser, mock] = await Promise.all([
        launch(),
        startMock({ dist: build(), hasControl: false, token: 'of-the-file' }),
      ]);
      try {
        const { page, faults } = await open(browser, mock.origin);
        await page.getByLabel('Token').fill('of-the-file');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.getByText('Since this page was opened').waitFor();
        await visit(page, '#/routes');
        await page.getByRole('link', { name: 'user', exact: true }).click();
        await page.getByText('gateway.yaml:31').waitFor();
        await page.getByText('/users/{id}').first().waitFor();
        await visit(page, '#/topology');
        await page.getByRole('link', { name: /user .*users/ }).waitFor();
        await visit(page, '#/revisions');
        await page.getByText('need a database').waitFor();
        await visit(page, '#/explain?method=GET&url=/users/1');
        await page.getByText('turnpike explain GET /users/1').waitFor();
        assert.deepEqual(faults, []);
      } finally {
        await browser.close();
        mock.close();
      }
    });
  },
);

describe('a gateway that asks who is there', { skip: withoutBrowser(), timeout: 120_000 }, () => {
  it('lets in who has the token, and nobody else', async () => {
    const [browser, mock] = await Promise.all([
      launch(),
      startMock({ dist: build(), token: 'correct-horse' }),
    ]);
    try {
      const { page, faults } = await open(browser, mock.origin);
      const token = page.getByLabel('Token');
      await token.fill('wrong');
      assert.deepEqual(await violations(page), []);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('No such token').waitFor();
      await token.fill('correct-horse');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
      mock.close();
    }
  });
});
