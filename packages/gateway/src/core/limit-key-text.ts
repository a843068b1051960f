import type { LimitKeyConfig } from '@turnpike/config';

/** How the key of a limit is made, for people. */
export function limitKeyText(by: readonly LimitKeyConfig[]): string {
  return by.length === 0 ? 'nothing, all together' : by.map(keyPartText).join(' and ');
}

/** One part of it: `header x-tenant`. */
export function keyPartText(part: LimitKeyConfig): string {
  if ('name' in part) return `${part.kind} ${part.name}`;
  if (part.kind === 'claim') return `claim ${part.path.join('.')}`;
  return part.kind === 'rule' ? part.rule : part.kind;
}
