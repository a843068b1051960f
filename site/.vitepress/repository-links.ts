import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** Files of the repository that pages lead to and that are no pages: they are published beside them, as they are. */
export type LinkedFiles = Set<string>;

interface Repository {
  readonly root: string;
  /** Paths without `.md`. */
  readonly pages: readonly string[];
  readonly linkedFiles: LinkedFiles;
}

/**
 * Makes links that are meant for readers of the repository good for readers of the site. A folder becomes the page or the file that
 * speaks for it; a file that is no page is remembered, so that it is published as text. What does not exist is left to VitePress,
 * which fails the build.
 */
export function repositoryLinks(md: MarkdownRenderer, { root, pages, linkedFiles }: Repository): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    // Titles are rendered once more, alone.
    if (env.path === undefined) return;
    const folder = dirname(env.realPath ?? env.path);
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href === null || /^(\w+:|\/|#)/.test(href)) continue;
      const [path = '', anchor] = href.split('#');
      const target = speaker(join(folder, path));
      if (target === null || pages.includes(relative(root, target).replace(/\.md$/, ''))) {
        if (target !== null && target !== join(folder, path)) token.attrSet('href', linkTo(folder, target));
        continue;
      }
      linkedFiles.add(target);
      token.attrSet('href', linkTo(folder, target) + (anchor === undefined ? '' : `#${anchor}`));
      // The router of the site has only pages.
      token.attrSet('target', '_blank');
      token.attrSet('rel', 'noreferrer');
    }
  });
}

function linkTo(folder: string, target: string): string {
  const path = relative(folder, target);
  return path.startsWith('.') ? path : `./${path}`;
}

/** The file itself, or the one of a folder that says what is in it; null: there is none. */
function speaker(path: string): string | null {
  if (!existsSync(path)) return null;
  if (!statSync(path).isDirectory()) return path;
  const names = readdirSync(path);
  const name = ['README.md', 'gateway.yaml', 'configuration.md'].find((one) => names.includes(one));
  const first = name ?? names.filter((one) => one.endsWith('.md')).sort()[0];
  return first === undefined ? null : join(path, first);
}
