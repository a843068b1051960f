import type { PolicyMode } from './policies.ts';

/** Is it well formed. Paths are keys of `documents`. */
export interface ValidateConfig {
  readonly mode: PolicyMode;
  readonly source:
    | { readonly kind: 'openapi'; readonly path: string; readonly basePath: string }
    | { readonly kind: 'inline'; readonly schemas: InlineSchemas };
  readonly responses: 'off' | 'report' | 'enforce';
  readonly unknownParameters: 'allow' | 'refuse';
  /** Bodies larger than this are refused, because they have to be collected. */
  readonly bodyBytes: number;
}

/** What GraphQL operations may ask for. Paths are keys of `documents`. */
export interface GraphqlConfig {
  readonly mode: PolicyMode;
  readonly maxDepth: number;
  readonly maxCost: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxDirectives: number;
  readonly maxTokens: number;
  readonly maxBatch: number;
  /** Entries of a list that nothing is said of. */
  readonly listSize: number;
  readonly introspection: boolean;
  readonly schema: string | null;
  /** `only`: all other operations are refused. */
  readonly persisted: { readonly path: string; readonly only: boolean } | null;
  /** Whether clients may register texts by their SHA-256. */
  readonly automatic: boolean;
  readonly bodyBytes: number;
}

/** Schemas in JSON Schema 2020-12, as JSON text; a body may be a path of `documents`. */
export interface InlineSchemas {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly kind: 'text' | 'document'; readonly value: string } | null;
}
