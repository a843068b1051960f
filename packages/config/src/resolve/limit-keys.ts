import { expressionNames } from '../expression.ts';
import type { LimitKeyConfig } from '../resolved.ts';

/** One part of a key or several, as several. */
export function severalKeys(by: LimitKeyConfig | readonly LimitKeyConfig[]): readonly LimitKeyConfig[] {
  return 'kind' in by ? [by] : by;
}

const OF_CALLERS: ReadonlySet<LimitKeyConfig['kind']> = new Set([
  'identity',
  'consumer',
  'plan',
  'metadata',
  'claim',
]);

/** Whether nobody has this key before it is known who is calling. */
export function isOfCaller(key: LimitKeyConfig): boolean {
  return key.kind === 'rule' ? expressionNames('identity', key.rule) : OF_CALLERS.has(key.kind);
}
