import { registerHooks } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { GatewayConfig } from '@turnpike/config';

/** In the address of a module: which plugin it was loaded for. */
const MARK = 'turnpike';
const SDK = '@turnpike/sdk';
const sdk = import.meta.resolve(SDK);

/** The texts that modules are made of, by the digest of their plugin. */
const texts = new Map<string, GatewayConfig['documents']>();
let isHooked = false;

/** The address of a plugin: another content is another address, because Node.js never forgets a module. */
export function addressOf(file: string, digest: string): string {
  return `${pathToFileURL(file).href}?${MARK}=${digest}`;
}

/** Whether an error comes from the code of a plugin, by its stack. */
export function isFromPlugin(error: unknown): boolean {
  return error instanceof Error && error.stack?.includes(`?${MARK}=`) === true;
}

/** A text for people, with paths in place of our addresses. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(/(?:file:\/\/)?([^\s()]+?)\?turnpike=[0-9a-f]*/g, '$1');
}

/**
 * Makes modules of plugins from these texts, which are those that the configuration was checked with, whatever is in the files
 * by now. What a plugin imports by a relative path is loaded for that plugin alone, and changes with it; `@turnpike/sdk` is
 * ours, so that a plugin needs no folder of packages.
 */
export function provideTexts(byDigest: ReadonlyMap<string, GatewayConfig['documents']>): void {
  for (const [digest, documents] of byDigest) texts.set(digest, documents);
  if (!isHooked) hook();
  isHooked = true;
}

/** Forgets the texts of all other plugins. */
export function keepTexts(digests: ReadonlySet<string>): void {
  for (const digest of texts.keys()) if (!digests.has(digest)) texts.delete(digest);
}

function hook(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const digest = digestIn(context.parentURL);
      if (digestIn(specifier) !== null) return { url: specifier, shortCircuit: true };
      if (digest === null) return nextResolve(specifier, context);
      if (specifier === SDK) return { url: sdk, shortCircuit: true };
      if (!/^\.{1,2}\//.test(specifier)) return nextResolve(specifier, context);
      const url = new URL(specifier, context.parentURL);
      url.search = `?${MARK}=${digest}`;
      return { url: url.href, shortCircuit: true };
    },
    load(address, context, nextLoad) {
      const digest = digestIn(address);
      const path = digest === null ? '' : fileURLToPath(address);
      const source = digest === null ? undefined : texts.get(digest)?.[path];
      if (source === undefined) return nextLoad(address, context);
      return { format: formatOf(path), source, shortCircuit: true };
    },
  });
}

function digestIn(address: string | undefined): string | null {
  return /^file:.*\?turnpike=([0-9a-f]+)$/.exec(address ?? '')?.[1] ?? null;
}

function formatOf(path: string): 'json' | 'module' | 'module-typescript' {
  const extension = extname(path);
  if (extension === '.json') return 'json';
  return extension === '.ts' || extension === '.mts' ? 'module-typescript' : 'module';
}
