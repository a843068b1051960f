import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cli-program.ts';

/** A block of a page that is marked as `sh`: what its readers type. */
export interface ShellBlock {
  /** The heading above it. */
  readonly section: string;
  readonly text: string;
}

/** The blocks of a page below `docs/`, in their order. */
export function shellBlocks(page: string): readonly ShellBlock[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  let section = '';
  return Array.from(text.matchAll(/^#+ ([^\n]*)$|^```sh\n(.*?)^```$/gms)).flatMap(([, heading, block]) => {
    section = heading ?? section;
    return block === undefined ? [] : [{ section, text: block }];
  });
}

/** The blocks below one heading. */
export function blocksBelow(page: string, heading: string): readonly string[] {
  return shellBlocks(page).flatMap(({ section, text }) => (section === heading ? [text] : []));
}
