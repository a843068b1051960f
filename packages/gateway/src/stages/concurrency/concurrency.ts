import type { ConcurrencyConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import type { Expressions } from '../../core/expressions.ts';
import { limitKey } from '../../core/limit-key.ts';
import { refuse } from '../../core/problem.ts';

/** Counts what each key has under way, in all threads together. */
export interface KeyCounts {
  /** Keeps the keys of one rule apart from those of all others. */
  scope(name: string): number;
  /** Counts one more of a key, unless it has `limit`; gives what `leave` takes back, once. */
  enter(scope: number, key: string, limit: number): number | 'full' | 'no-room';
  leave(place: number): void;
}

/** What the stage has to know of its route. */
export interface ConcurrencyPlan {
  readonly route: string;
  /** Names of the path's parameters. */
  readonly names: readonly string[];
}

/** What the stage reaches the world through. */
export interface ConcurrencyPorts {
  readonly counts: KeyCounts;
  /** Of this route. */
  readonly expressions: Expressions;
  readonly decisions: DecisionsOf;
}

/**
 * Refuses requests of a key that has as many under way as it may, in all threads of this process together. A request is
 * under way until the last byte of its reply is sent, or its connection is gone; a WebSocket until it is closed.
 */
export function concurrency(
  config: ConcurrencyConfig | null,
  { route, names }: ConcurrencyPlan,
  { counts, expressions, decisions }: ConcurrencyPorts,
): Wrapper | null {
  if (config === null) return null;
  const { limit, whenKeyMissing } = config;
  const compileText = (rule: string) => expressions.text(rule);
  const keyOf = limitKey(config.by, whenKeyMissing, { route, names, compileText });
  const scope = counts.scope(scopeOf(route));
  const count = decisions('concurrency');
  const isReport = config.mode === 'report';

  return (next) => {
    function turnAway(exchange: Exchange, reason: keyof typeof REFUSALS): Promise<Reply> {
      if (isReport) {
        count.reported(reason);
        return next(exchange);
      }
      count.denied(reason);
      return Promise.resolve(REFUSALS[reason](exchange));
    }

    return (exchange) => {
      const key = keyOf(exchange);
      if (key === null) return whenKeyMissing === 'deny' ? turnAway(exchange, 'no-key') : next(exchange);
      const place = counts.enter(scope, key, limit);
      if (place === 'full') return turnAway(exchange, 'limit');
      if (place === 'no-room') {
        // So many keys are under way that this one cannot be told from others; to refuse it would be worse.
        count.failed(place);
        return next(exchange);
      }
      exchange.whenEnded(() => counts.leave(place));
      count.allowed();
      return next(exchange);
    };
  };
}

/** What keeps the keys of a route apart from those of others. */
export function scopeOf(route: string): string {
  return `concurrency of ${route}`;
}

const REFUSALS = { limit: tooMany, 'no-key': withoutKey } as const;

/** Of those under way one may end at any time. */
const RETRY_AFTER_SECONDS = '1';

function tooMany(exchange: Exchange): Reply {
  const fields = [['Retry-After', RETRY_AFTER_SECONDS]] as const;
  return refuse(exchange, 'CONCURRENCY_LIMITED', { rule: 'concurrency', fields });
}

function withoutKey(exchange: Exchange): Reply {
  return refuse(exchange, 'FORBIDDEN', {
    rule: 'concurrency',
    detail: 'This route counts requests by something that this one does not have.',
  });
}
