// Pages for people: the dashboard, and the readers of the document, in a browser that may load nothing from elsewhere.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser } from 'playwright-core';
import { openApi } from './api-for-tests.ts';

const html = { headers: { accept: 'text/html' }, as: '' };

describe('the dashboard', () => {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-dist-'));
  before(() => {
    mkdirSync(join(directory, 'assets'));
    writeFileSync(
      join(directory, 'index.html'),
      '<!doctype html><title>Turnpike</title><div id="root"></div>',
    );
    writeFileSync(join(directory, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(directory, 'assets', 'index-Dk3x9_aB.js'), 'export {};');
    writeFileSync(join(tmpdir(), 'outside.txt'), 'outside');
  });
  after(() => rmSync(directory, { recursive: true }));

  it('is at / and at every address that it makes itself', async () => {
    await using api = await openApi({ ports: { dashboard: directory } });
    for (const path of ['/', '/routes', '/routes/users/edit']) {
      const { status, text, headers } = await api.ask('GET', path, html);
      assert.equal(status, 200);
      assert.match(text, /id="root"/);
      assert.equal(headers.get('cache-control'), 'no-cache');
      assert.match(headers.get('content-security-policy') ?? '', /script-src 'self';/);
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/);
      assert.equal(headers.get('x-frame-options'), 'DENY');
    }
  });

  it('has files that are kept for good when their name has a hash', async () => {
    await using api = await openApi({ ports: { dashboard: directory } });
    const script = await api.ask('GET', '/assets/index-Dk3x9_aB.js', { as: '' });
    assert.equal(script.status, 200);
    assert.match(script.headers.get('content-type') ?? '', /javascript/);
    assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const icon = await api.ask('GET', '/icon.svg', { as: '' });
    assert.equal(icon.headers.get('cache-control'), 'no-cache');
  });

  it('does not hide what is missing, and does not lead out of its folder', async () => {
    await using api = await openApi({ ports: { dashboard: directory } });
    assert.equal((await api.ask('GET', '/assets/gone.js', html)).status, 404);
    assert.equal((await api.ask('GET', '/v1/nothing', html)).status, 404);
    assert.equal((await api.ask('GET', '/routes', { headers: { accept: 'application/json' } })).status, 404);
    assert.equal((await api.ask('POST', '/routes', html)).status, 404);
    assert.equal((await api.ask('GET', '/..%2foutside.txt', html)).status, 404);
    assert.equal((await api.ask('GET', '/assets/..%2f..%2foutside.txt', html)).status, 404);
  });

  it('says how to build it when it is not there', async () => {
    await using api = await openApi();
    const { status, text } = await api.ask('GET', '/', html);
    assert.equal(status, 200);
    assert.match(text, /npm run build/);
    assert.match(text, /href="\/docs"/);
  });
});

const CHROMIUM = '/usr/bin/chromium';

describe('readers of the document', { skip: existsSync(CHROMIUM) ? false : 'there is no chromium' }, () => {
  let browser: Browser;
  before(async () => {
    const args = ['--no-sandbox', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  after(() => browser.close());

  for (const [path, shown] of [
    ['/docs', /Makes or replaces one route/],
    ['/redoc', /Makes or replaces one route/],
  ] as const) {
    it(`${path} shows it, and asks nobody else`, async () => {
      await using api = await openApi();
      const page = await browser.newPage();
      const elsewhere: string[] = [];
      page.on('response', (response) => {
        if (!response.url().startsWith(api.url) && !response.url().startsWith('data:'))
          elsewhere.push(response.url());
      });
      const faults: string[] = [];
      page.on('pageerror', ({ message }) => faults.push(message));
      await page.goto(api.url + path);
      if (path === '/docs') await page.getByText('What requests are sent to.').waitFor();
      if (path === '/docs') await page.locator('#operations-tag-routes').click();
      await page.getByText(shown).first().waitFor({ state: 'attached' });
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(faults, []);
      await page.close();
    });
  }
});
