/** An endpoint of the Model Context Protocol. */
export interface McpConfig {
  readonly kind: 'mcp';
  /** The one server that we stand before; null: we are the server. */
  readonly service: string | null;
  readonly tools: readonly McpToolsConfig[];
  readonly servers: readonly McpServerConfig[];
  /** In the order in which they are written. */
  readonly access: readonly McpAccessConfig[];
  readonly name: string;
  readonly version: string;
  readonly instructions: string;
  /** Of web pages that may call it. */
  readonly origins: readonly string[];
  readonly listTtlMs: number;
  readonly serverTimeoutMs: number;
  readonly resultBytes: number;
  /** Its address as clients know it; null: that of the request. */
  readonly resource: string | null;
}

/** Operations that become tools. */
export type McpToolsConfig = {
  readonly service: string;
  /** Names of operations, with `*` for any text; empty: all. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly prefix: string;
} & (
  | {
      readonly kind: 'openapi';
      /** Absolute; a key of `GatewayConfig.documents`. */
      readonly path: string;
      readonly basePath: string;
    }
  | { readonly kind: 'grpc' }
);

/** An MCP server behind the endpoint. */
export interface McpServerConfig {
  readonly service: string;
  readonly path: string;
  readonly prefix: string;
  readonly offers: readonly McpOffer[];
}

/** What a server may offer. */
export type McpOffer = 'tools' | 'prompts' | 'resources';

/** What tools, prompts and resources ask of who wants them. */
export interface McpAccessConfig {
  /** Names, with `*` for any text. */
  readonly pattern: string;
  readonly scopes: readonly string[];
  readonly anyScope: readonly string[];
}

/** What RFC 9728 wants to be known of an endpoint. */
export interface ProtectedResourceConfig {
  readonly kind: 'protected-resource';
  /** Null: the address of the request, without the well-known part. */
  readonly resource: string | null;
  /** Issuers, of whom tokens can be had. */
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[];
  readonly name: string;
}
