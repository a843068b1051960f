import type { Priority } from '@turnpike/config';

/** From the first to be served to the first to be shed. */
export const PRIORITIES: readonly Priority[] = ['critical', 'high', 'normal', 'low', 'bulk'];

/** Place of a priority among all, from 0: less is more important. */
export const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, normal: 2, low: 3, bulk: 4 };

/** The more important of two. */
export function higherPriority(one: Priority, other: Priority): Priority {
  return RANK[one] <= RANK[other] ? one : other;
}
