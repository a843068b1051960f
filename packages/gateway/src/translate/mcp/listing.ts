import type { McpOffer } from '@turnpike/config';
import { isRecord, type JsonRecord } from '../../core/mcp/message.ts';

/** Something that is listed, before anybody's rights are looked at. */
export interface Entry {
  /** Its name among those of its kind. */
  readonly key: string;
  /** What rules of access are asked about. */
  readonly guard: string;
  /** As clients get it. */
  readonly shown: object;
}

/** What servers list: tools, or something else that they offer. */
export interface ListKind {
  readonly offer: McpOffer;
  readonly method: string;
  /** Where the entries stand in a result. */
  readonly member: string;
  /** What an entry of a server is with us; null: it is none, or has no name that could be told here. */
  readonly entry: (found: JsonRecord, server: ListedServer) => Entry | null;
}

/** Whose list it is. */
export interface ListedServer {
  /** In front of its names, with the separator; `''`: they stay as they are. */
  readonly prefix: string;
}

/** Between the prefix of a server and the name that something has there. */
export const SEPARATOR = '__';

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const MAX_URI = 2048;

export const TOOLS: ListKind = {
  offer: 'tools',
  method: 'tools/list',
  member: 'tools',
  entry: (found, server) => (isRecord(found['inputSchema']) ? named(found, server) : null),
};

export const PROMPTS: ListKind = {
  offer: 'prompts',
  method: 'prompts/list',
  member: 'prompts',
  entry: named,
};

export const RESOURCES: ListKind = {
  offer: 'resources',
  method: 'resources/list',
  member: 'resources',
  entry: (found, server) => addressed(found, found['uri'], server),
};

export const TEMPLATES: ListKind = {
  offer: 'resources',
  method: 'resources/templates/list',
  member: 'resourceTemplates',
  entry: (found, server) => addressed(found, found['uriTemplate'], server),
};

/** All of them, by the method that asks for the list. */
export const LIST_KINDS: ReadonlyMap<string, ListKind> = new Map(
  [TOOLS, PROMPTS, RESOURCES, TEMPLATES].map((kind) => [kind.method, kind]),
);

/** Names lead to their server, so they get its prefix. */
function named(found: JsonRecord, { prefix }: ListedServer): Entry | null {
  if (typeof found['name'] !== 'string') return null;
  const name = prefix + found['name'];
  return NAME.test(name) ? { key: name, guard: name, shown: { ...found, name } } : null;
}

/** Addresses stay as they are: results of tools point to them. */
function addressed(found: JsonRecord, uri: unknown, { prefix }: ListedServer): Entry | null {
  if (typeof uri !== 'string' || uri === '' || uri.length > MAX_URI) return null;
  return { key: uri, guard: prefix + uri, shown: found };
}
