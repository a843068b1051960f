import type { McpAccessConfig } from '@turnpike/config';
import type { Exchange, Reply } from '../../core/exchange.ts';
import type { Identity } from '../../core/identity.ts';
import type { RpcId } from '../../core/mcp/message.ts';
import { fitsPattern } from './chosen.ts';
import { lackReplies } from './refusal.ts';

/** What a caller lacks for a tool, a prompt or a resource. */
export interface Lack {
  /** Scopes that would do. */
  readonly scopes: readonly string[];
}

/** Who may have which tool, prompt or resource. */
export interface ToolAccess {
  /** Whether the answer depends on the caller at all. */
  readonly isRestricted: boolean;
  /** What this caller lacks; null: nothing. */
  lack(name: string, identity: Identity | null): Lack | null;
  /** What it is told then. */
  refusal(exchange: Exchange, id: RpcId | null, lack: Lack): Reply;
}

/**
 * Makes the rules of a route, where callers say who they are in one of the ways of `challenges`. Of all rules that fit a
 * name, every one must hold.
 */
export function toolAccess(rules: readonly McpAccessConfig[], challenges: readonly string[]): ToolAccess {
  return {
    refusal: lackReplies(challenges),
    isRestricted: rules.some(({ scopes, anyScope }) => scopes.length + anyScope.length > 0),
    lack(name, identity) {
      const held = identity?.scopes ?? [];
      const wanting = rules.filter((rule) => fitsPattern(name, rule.pattern) && !holds(rule, held));
      if (wanting.length === 0) return null;
      const scopes = wanting.flatMap(({ scopes: all, anyScope }) => [...all, ...anyScope.slice(0, 1)]);
      return { scopes: [...new Set(scopes)] };
    },
  };
}

function holds({ scopes, anyScope }: McpAccessConfig, held: readonly string[]): boolean {
  return (
    scopes.every((scope) => held.includes(scope)) &&
    (anyScope.length === 0 || anyScope.some((scope) => held.includes(scope)))
  );
}
