import type { PolicyMode } from '@turnpike/config';

/** What is said behind a policy that changes nothing. */
export function reporting(mode: PolicyMode): string {
  return mode === 'report' ? ' (only reports)' : '';
}

/** The parts that say something. */
export function joined(parts: readonly string[], separator: string): string {
  return parts.filter((part) => part !== '').join(separator);
}
