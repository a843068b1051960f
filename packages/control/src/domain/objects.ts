/** What can be kept in the database, by the name of its section in the document. Everything else stands in files only. */
export const KINDS = [
  'services',
  'routes',
  'apis',
  'consumers',
  'identityProviders',
  'lists',
  'certificates',
] as const;

export type Kind = (typeof KINDS)[number];

/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [member: string]: Json };

/** Which object. A name belongs to one object of a kind, whatever its workspace, because in the configuration it does too. */
export interface ObjectRef {
  readonly kind: Kind;
  readonly name: string;
}

/** An object of the database. */
export interface StoredObject extends ObjectRef {
  readonly workspace: string;
  /** What stands below `KIND.NAME` in a file, as people write it. Secrets in it are sealed (`secrets.ts`). */
  readonly document: JsonObject;
  /** The revision that wrote it last: its version, and what its ETag is made of. */
  readonly revision: number;
}

/** An object as one revision left it. */
export interface ObjectVersion extends ObjectRef {
  readonly workspace: string;
  /** `null`: the revision removed it. */
  readonly document: JsonObject | null;
  readonly revision: number;
}

/** What a change does to one object; `null` removes it. */
export interface ObjectChange extends ObjectRef {
  readonly workspace: string;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
}

/** The workspace of those who name none. */
export const DEFAULT_WORKSPACE = 'default';
