/** The revision without sessions: every request says everything. */
export const MODERN = '2026-07-28';
/** Revisions that begin with `initialize`, latest first. Of the batches that 2025-03-26 had nobody makes use. */
export const LEGACY: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];
/** All revisions that are spoken, latest first. */
export const SUPPORTED: readonly string[] = [MODERN, ...LEGACY];

/** Keys of `_meta` that the specification has taken (2026-07-28, Base Protocol, `_meta`). */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
} as const;

/** Codes of JSON-RPC, and those that MCP adds. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** Of no specification: what has no code of its own. */
  server: -32000,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const;

/** Of the parameter that `Mcp-Name` repeats, by method (2026-07-28, Transports, Standard Headers). */
export const NAME_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);
