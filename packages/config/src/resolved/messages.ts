import type { PolicyMode } from './policies.ts';

/** How requests and responses change on their way. */
export interface TransformConfig {
  readonly mode: PolicyMode;
  readonly request: {
    readonly headers: FieldChanges;
    readonly query: QueryChanges;
  };
  readonly response: { readonly headers: FieldChanges };
}

/** A name, and a template over the request. */
export type TemplateEntry = readonly [name: string, template: string];

/** What is removed goes first. Names of headers are as they are written. */
export interface FieldChanges {
  readonly set: readonly TemplateEntry[];
  readonly add: readonly TemplateEntry[];
  /** In lower case. */
  readonly remove: readonly string[];
}

/** What is removed goes first. */
export interface QueryChanges {
  readonly set: readonly TemplateEntry[];
  readonly remove: readonly string[];
}

/** How responses become smaller. */
export interface CompressConfig {
  readonly mode: PolicyMode;
  /** In this order where the client has no wish. */
  readonly codings: readonly CompressionCoding[];
  /** Shorter responses stay as they are. */
  readonly minBytes: number;
  /** `type/subtype`, `type/*` or `+suffix`, in lower case. */
  readonly types: readonly string[];
}

/** A content coding that we can do. */
export type CompressionCoding = 'zstd' | 'br' | 'gzip';
