// A browser that looks at the dashboard, and notices what a person might not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const package_ = fileURLToPath(new URL('../', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A busy machine draws slowly; nobody waits for it but who fails. */
const PATIENCE_MS = 60_000;

/** Why there is no browser here, or false. */
export function withoutBrowser(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('chromium') || !existsSync(CHROMIUM) ? 'chromium is not installed' : false;
}

/** Builds the dashboard as it is now, into a folder of its own, which is gone when the process ends. */
export function build(): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-dashboard-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const vite = createRequire(import.meta.url)
    .resolve('vite/package.json')
    .replace('package.json', 'bin/vite.js');
  const args = [vite, 'build', package_, '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return folder;
}

/** The program serves what is in `dist`, so that has to be of today. */
export function buildInPlace(): void {
  const script = fileURLToPath(new URL('../../../scripts/dashboard.mjs', import.meta.url));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `(await import(${JSON.stringify(script)})).buildDashboard()`],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
}

/** With a profile of its own, which is gone afterwards. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
}

/** How the browser is to be. */
export interface Look {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** A page, and everything that went wrong on it so far: errors, and what the policy has stopped. */
export interface Watched {
  readonly page: Page;
  readonly faults: string[];
}

/** Opens a page that must stay without errors. */
export async function open(
  browser: Browser,
  origin: string,
  { theme = 'light', width = 1280, height = 900 }: Look = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
  });
  return openTab(context, origin);
}

/** The same, beside the tabs that are there. */
export async function openTab(context: BrowserContext, origin: string): Promise<Watched> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // That a request was refused is for the page to show; the browser says it too. And a busy one says, now and then, that it does not
    // follow the way to a provider, which the page does not ask of it: it wants to know whether there is one.
    const isExpected = /Failed to load resource|\(redirected from '\S+\/v1\/login'\)/.test(message.text());
    if (message.type() === 'error' && !isExpected) faults.push(message.text());
  });
  await page.goto(origin);
  return { page, faults };
}

/** Goes to a page of the dashboard and waits until it stands. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
  await settled(page);
}

/** Nothing is loading any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy=true], .skeleton') === null);
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds, in words (WCAG 2.0 to 2.2 A and AA, and good practice); with rules, only by these. */
export async function violations(page: Page, rules: readonly string[] = []): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async (only) => {
    const { axe: engine } = globalThis as unknown as {
      readonly axe: { run(options: object): Promise<{ violations: unknown }> };
    };
    const { violations } = await engine.run({
      resultTypes: ['violations'],
      ...(only.length > 0 && { runOnly: { type: 'rule', values: only } }),
    });
    return violations;
  }, rules);
  return (found as readonly Violation[]).flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${id}: ${help}\n  ${html.slice(0, 200)}\n  ${failureSummary}`),
  );
}

/** Where pictures go: `TURNPIKE_SCREENSHOTS`, or a new temporary folder. */
export function pictureFolder(): string {
  return process.env['TURNPIKE_SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'turnpike-pictures-'));
}
