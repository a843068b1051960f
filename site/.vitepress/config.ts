import { copyFileSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type DefaultTheme } from 'vitepress';
import type { Plugin } from 'vite';
import { DECISIONS, GROUPS } from './navigation.ts';
import { type LinkedFiles, repositoryLinks } from './repository-links.ts';

/** Pages are read where they are written: from the repository, not from copies. */
const root = fileURLToPath(new URL('../../', import.meta.url));

const decisions = globSync(`${DECISIONS}/*.md`, { cwd: root })
  .sort()
  .map((path) => path.slice(0, -'.md'.length));
const pages = [...GROUPS.flatMap((group) => group.pages), ...decisions];

const linkedFiles: LinkedFiles = new Set();

export default defineConfig({
  title: 'Turnpike',
  description: 'An API gateway: how to run it, what it does, and how it is made.',
  lang: 'en',
  srcDir: root,
  outDir: join(root, 'site/dist'),
  // Only what the navigation knows: a page that nothing leads to is not published.
  srcExclude: globSync('**/*.md', { cwd: root, exclude: ['**/node_modules'] }).filter(
    (path) => path !== 'site/index.md' && !pages.includes(path.slice(0, -'.md'.length)),
  ),
  rewrites: { 'site/index.md': 'index.md' },
  cleanUrls: false,
  // Links to addresses of this machine are in examples on purpose; everything else has to lead somewhere.
  ignoreDeadLinks: 'localhostLinks',
  lastUpdated: false,
  // The index of the search is one large file, fetched when somebody searches.
  vite: { plugins: [libraries()], build: { chunkSizeWarningLimit: 2000 } },
  markdown: {
    // No highlighter comes along for it; comments look the same.
    languageAlias: { promql: 'bash' },
    anchor: { slugify: anchorOf },
    // Braces in a heading are parameters of a path.
    attrs: { disable: true },
    config: (md) => repositoryLinks(md, { root, pages, linkedFiles }),
  },
  // Fonts of the machine: nothing is fetched from elsewhere, and the browser has them already.
  themeConfig: {
    siteTitle: 'Turnpike',
    search: { provider: 'local', options: { detailedView: true } },
    outline: [2, 3],
    docFooter: { prev: 'Before', next: 'Next' },
    nav: [
      { text: 'Quick start', link: '/docs/quick-start' },
      { text: 'Operating', link: '/docs/operations' },
      { text: 'Security', link: '/docs/security' },
      { text: 'Configuration', link: '/docs/reference/configuration' },
    ],
    sidebar: [
      ...GROUPS.map(({ title, pages: paths }, i) => ({
        text: title,
        collapsed: i > 0,
        items: paths.map(item),
      })),
      { text: 'Decisions', collapsed: true, items: decisions.map(item) },
    ],
  },
  transformPageData(page) {
    // Names of the machine that builds it are nobody's business.
    page.filePath = page.relativePath;
  },
  buildEnd({ outDir }) {
    for (const file of linkedFiles) {
      const copy = join(outDir, relative(root, file));
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(file, copy);
    }
  },
});

/** As GitHub does, so that links work in both places; `e2e/doc-links.test.ts` holds them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** Pages lie outside of this folder, and what they are made into needs the libraries that are in it. */
function libraries(): Plugin {
  return {
    name: 'libraries-of-the-site',
    enforce: 'pre',
    resolveId(id) {
      return /^vue(\/|$)/.test(id)
        ? this.resolve(id, fileURLToPath(import.meta.url), { skipSelf: true })
        : null;
    },
  };
}

/** An entry of the side bar, with the first heading of its page. */
function item(path: string): DefaultTheme.SidebarItem {
  const text = readFileSync(join(root, `${path}.md`), 'utf8');
  const [, heading = path] = /^# (.*)$/m.exec(text) ?? [];
  return { text: heading.replaceAll('`', ''), link: `/${path}` };
}
