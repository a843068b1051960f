import type { ErrorCode } from '../../core/errors.ts';

/** What may be wrong with an operation: a closed list, for the metrics. */
const KINDS = {
  malformed: ['GRAPHQL_MALFORMED', 'graphql', 'The request cannot be read.'],
  'too-large': ['BODY_TOO_LARGE', 'graphql.bodyBytes', 'The body is larger than the route allows.'],
  method: ['METHOD_NOT_ALLOWED', 'graphql', 'Only queries can be sent by GET; send this by POST.'],
  'media-type': ['UNSUPPORTED_MEDIA_TYPE', 'graphql', 'Send application/json, without Content-Encoding.'],
  syntax: ['GRAPHQL_SYNTAX', 'graphql', ''],
  invalid: ['GRAPHQL_INVALID', 'graphql.schema', ''],
  operation: ['GRAPHQL_INVALID', 'graphql', ''],
  'unknown-operation': [
    'GRAPHQL_FORBIDDEN',
    'graphql.persistedOperations',
    'Only operations that were registered beforehand are executed.',
  ],
  'not-registered': ['GRAPHQL_UNKNOWN', 'graphql', 'PersistedQueryNotFound'],
  'other-document': ['GRAPHQL_MALFORMED', 'graphql', 'The hash or the id is that of another document.'],
  introspection: ['GRAPHQL_FORBIDDEN', 'graphql.introspection', 'The schema cannot be asked for here.'],
  batch: ['GRAPHQL_LIMITED', 'graphql.maxBatch', ''],
  tokens: ['GRAPHQL_LIMITED', 'graphql.maxTokens', ''],
  depth: ['GRAPHQL_LIMITED', 'graphql.maxDepth', ''],
  aliases: ['GRAPHQL_LIMITED', 'graphql.maxAliases', ''],
  'root-fields': ['GRAPHQL_LIMITED', 'graphql.maxRootFields', ''],
  directives: ['GRAPHQL_LIMITED', 'graphql.maxDirectives', ''],
  cost: ['GRAPHQL_LIMITED', 'graphql.maxCost', ''],
} as const satisfies Record<string, readonly [ErrorCode, string, string]>;

/** What is wrong with a request. */
export interface Violation {
  readonly reason: keyof typeof KINDS;
  readonly code: ErrorCode;
  /** The rule of the route that it breaks. */
  readonly rule: string;
  /** At least one; for the client. */
  readonly messages: readonly string[];
}

/** One of them, with what there is to say beside the usual. */
export function violation(reason: Violation['reason'], ...messages: readonly string[]): Violation {
  const [code, rule, message] = KINDS[reason];
  return { reason, code, rule, messages: messages.length > 0 ? messages : [message] };
}

/** A number that is larger than it may be. */
export function excess(
  reason: Violation['reason'],
  what: string,
  { is, most }: { readonly is: number; readonly most: number },
): Violation | null {
  return is <= most ? null : violation(reason, `${what} is ${is}; at most ${most} is allowed.`);
}
