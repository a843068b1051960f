import type { TargetConfig } from '../resolved.ts';

/** The services that a route may lead to, each once; empty for routes that answer by themselves. */
export function servicesOf(target: TargetConfig): readonly string[] {
  if (target.kind === 'service') return [target.service];
  if (target.kind === 'split') return [...new Set(target.sides.map(({ service }) => service))];
  return [];
}
