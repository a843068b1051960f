// The documents have two ways in: the list in README.md, and the side bar of the site. Neither leaves a page out.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { DECISIONS, GROUPS } from '../site/.vitepress/navigation.ts';
import { root } from './cli-program.ts';

const PAGES = globSync('docs/**/*.md', { cwd: root }).filter((path) => !path.startsWith(`${DECISIONS}/`));
const listed = GROUPS.flatMap(({ pages }) => pages).map((path) => `${path}.md`);

it('the side bar of the site has each page once', () => {
  assert.equal(new Set(listed).size, listed.length);
  assert.deepEqual(
    PAGES.filter((path) => !listed.includes(path)),
    [],
  );
  assert.deepEqual(
    listed.filter((path) => !existsSync(join(root, path))),
    [],
  );
});

/** The site is built of Vue components: outside of code, these would be a part of one. A build takes 20 s, this none. */
it('no page has something in it that the site would not build', () => {
  const plain = (path: string) =>
    readFileSync(join(root, path), 'utf8')
      .replaceAll(/^ *```.*?^ *```/gms, '')
      .replaceAll(/(`+).*?\1/gs, '');
  assert.deepEqual(
    [...PAGES, ...globSync(`${DECISIONS}/*.md`, { cwd: root })].filter((path) =>
      /\{\{|<(?!https?:)[A-Za-z/][^>]*>/.test(plain(path)),
    ),
    [],
  );
});

it('README.md leads to each page', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  assert.deepEqual(
    PAGES.filter((path) => !readme.includes(`](${path})`)),
    [],
  );
});

it('the home page and the bar at the top of the site lead to pages', () => {
  const links = ['site/index.md', 'site/.vitepress/config.ts'].flatMap((path) =>
    Array.from(
      readFileSync(join(root, path), 'utf8').matchAll(/\blink: '?(\/docs\/[\w/-]+)/g),
      ([, link = '']) => link,
    ),
  );
  assert.ok(links.length >= 10);
  assert.deepEqual(
    links.filter((link) => !listed.includes(`${link.slice(1)}.md`)),
    [],
  );
});
