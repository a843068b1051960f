import type { AdminConfig, GatewayConfig } from '@turnpike/config';

/** Settings that differ from those that the process was started with, and that only a restart can change. */
export function restartNeeded(started: GatewayConfig, now: GatewayConfig): string[] {
  const names: string[] = [];
  if (started.runtime.threads !== now.runtime.threads) names.push('runtime.threads');
  if (started.runtime.zone !== now.runtime.zone) names.push('runtime.zone');
  if (started.runtime.stateDirectory !== now.runtime.stateDirectory) names.push('runtime.stateDirectory');
  if (!isSameAddress(started, now)) names.push('admin.address');
  return names;
}

/**
 * The tokens that the admin API takes from now on, or `null` for those that it has. Without tokens it relies on listening
 * on loopback: if it listens elsewhere than the configuration says, the old tokens stay rather than none.
 */
export function tokensToUse(started: GatewayConfig, now: GatewayConfig): AdminConfig['tokens'] | null {
  const tokens = now.admin?.tokens ?? [];
  return tokens.length > 0 || isSameAddress(started, now) ? tokens : null;
}

function isSameAddress(one: GatewayConfig, other: GatewayConfig): boolean {
  return (
    one.admin?.address.host === other.admin?.address.host &&
    one.admin?.address.port === other.admin?.address.port
  );
}
