import type { Decisions } from '../../core/decisions.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Limit } from './limit.ts';
import type { Use } from './use.ts';

/** What the limits of a route want of an exchange. */
export interface Uses {
  /** Of limits that refuse what they have no room for. */
  readonly acting: readonly Use[];
  /** Of limits that only tell. */
  readonly reporting: readonly Use[];
  /** A limit that refuses the exchange because it has no key. */
  readonly keyless: Limit | null;
}

/** Finds out which limits count an exchange, and under what. */
export function usesOf(limits: readonly Limit[], exchange: Exchange, decisions: Decisions): Uses {
  let acting = NONE;
  let reporting = NONE;
  for (const limit of limits) {
    if (!limit.isMeant(exchange)) continue;
    const use = limit.use(exchange);
    if (use !== null) {
      if (limit.acts(use.key)) acting = withOne(acting, use);
      else reporting = withOne(reporting, use);
    } else if (limit.whenKeyMissing === 'deny') {
      if (!limit.isReport) return { acting, reporting, keyless: limit };
      decisions.reported(limit.name);
    }
  }
  return { acting, reporting, keyless: null };
}

const NONE: readonly Use[] = [];

/** Most exchanges have one, and a list that is pushed to gets room for many. */
function withOne(uses: readonly Use[], use: Use): readonly Use[] {
  return uses.length === 0 ? [use] : [...uses, use];
}
