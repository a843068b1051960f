import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@turnpike/config/load';
import { Contracts, type Contract } from '@turnpike/config/validation';

const folder = new URL('../../node_modules/@readme/oas-examples/', import.meta.url);

/** A document as our loader has read it. */
export interface LoadedDocument {
  /** What the loader complains about, without line and column. */
  readonly issues: readonly string[];
  /** Null if it cannot be used. */
  readonly usable: { readonly document: unknown; readonly contract: Contract } | null;
}

/** All documents of OpenAPI 3, by their path in the package. */
export const NAMES: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /^3\.\d\/.*\.(?:json|yaml)$/.test(name))
  .toSorted();

/** Loads a document in the way users do: a route names it. */
export async function loadDocument(name: string): Promise<LoadedDocument> {
  const path = fileURLToPath(new URL(name, folder));
  const { config, issues } = await loadedWith(path);
  const told = issues.map(({ message }) => message);
  if (config === null) return { issues: told, usable: null };
  const { documents } = config;
  const source = { kind: 'openapi', path, basePath: '/' } as const;
  const contract = new Contracts().contract({ source, names: [], documents });
  return { issues: told, usable: { document: JSON.parse(documents[path] ?? ''), contract } };
}

async function loadedWith(openapi: string) {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-openapi-'));
  const file = join(directory, 'gateway.json');
  const route = { match: { path: '/*' }, respond: { status: 204 }, policies: { validate: { openapi } } };
  try {
    await writeFile(file, JSON.stringify({ routes: { all: route } }));
    return await loadConfig([file], { env: {} });
  } finally {
    await rm(directory, { recursive: true });
  }
}
