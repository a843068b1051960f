import { hash } from 'node:crypto';
import { openDocument, operationOf, type GraphqlDocument } from './document.ts';
import type { OperationDefinitionNode } from './graphql-engine.ts';

/** Operations that are known beforehand: their texts, and the names under which clients ask for them. */
export interface PersistedOperations {
  /** By id: what the file calls it, and the SHA-256 of its text, alone and after `sha256:`. */
  readonly byId: ReadonlyMap<string, string>;
}

/** Opens what `documents` has of a file or directory of operations: an object of texts by id. */
export function persistedOperations(json: string): PersistedOperations {
  const texts = JSON.parse(json) as Record<string, string>;
  const byId = new Map<string, string>();
  for (const [id, text] of Object.entries(texts)) {
    const digest = hash('sha256', text);
    for (const name of [id, digest, `sha256:${digest}`]) byId.set(name, text);
  }
  return { byId };
}

/**
 * Texts by id from a manifest: an object of them, or `operations` with `id` and `body` (the format of Apollo's tools). Null: it
 * is neither.
 */
export function manifestTexts(value: unknown): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { operations } = value as { operations?: unknown };
  const entries = Array.isArray(operations) ? operations.map(entryOf) : Object.entries(value);
  return entries.every(isEntry) ? Object.fromEntries(entries) : null;
}

function entryOf(operation: unknown): readonly unknown[] {
  const { id, body } = (operation ?? {}) as { id?: unknown; body?: unknown };
  return [id, body];
}

function isEntry(entry: readonly unknown[]): entry is readonly [string, string] {
  return typeof entry[0] === 'string' && typeof entry[1] === 'string';
}

/** One of the operations in a file or directory. */
export interface NamedOperation {
  readonly id: string;
  readonly document: GraphqlDocument;
  readonly node: OperationDefinitionNode;
}

const MAX_TOKENS = 100_000;

/** Finds an operation in what `documents` has; null names the only one. A text says why there is none. */
export function namedOperation(json: string, id: string | null): NamedOperation | string {
  const texts = new Map(Object.entries(JSON.parse(json) as Record<string, string>));
  if (id === null && texts.size > 1) return `has ${texts.size} operations; say with id which one`;
  const [only = ''] = texts.keys();
  const name = id ?? only;
  const text = texts.get(name);
  if (text === undefined) return `has no operation ${name}`;
  const document = openDocument(text, MAX_TOKENS);
  if (typeof document === 'string') return `cannot be used: ${document}`;
  const node = operationOf(document, null);
  return typeof node === 'string' ? `cannot be used: ${node}` : { id: name, document, node };
}
