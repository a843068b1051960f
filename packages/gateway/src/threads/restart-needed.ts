import type { GatewayConfig } from '@turnpike/config';
import type { Credentials } from '../admin/admission.ts';

/** Settings that differ from those that the process was started with, and that only a restart can change. */
export function restartNeeded(started: GatewayConfig, now: GatewayConfig): string[] {
  const names: string[] = [];
  if (started.runtime.threads !== now.runtime.threads) names.push('runtime.threads');
  if (started.runtime.zone !== now.runtime.zone) names.push('runtime.zone');
  if (started.runtime.stateDirectory !== now.runtime.stateDirectory) names.push('runtime.stateDirectory');
  if (!isSameAddress(started, now)) names.push('admin.address');
  if (((started.admin?.tls ?? null) === null) !== ((now.admin?.tls ?? null) === null))
    names.push('admin.tls');
  return names;
}

/**
 * The credentials that the admin API takes from now on, or `null` for those that it has. Without any it relies on listening
 * on loopback: if it listens elsewhere than the configuration says, the old ones stay rather than none.
 */
export function credentialsToUse(started: GatewayConfig, { admin }: GatewayConfig): Credentials | null {
  const { tokens = [], certificates = [], login = null } = admin ?? {};
  const hasSome = tokens.length > 0 || certificates.length > 0 || login !== null;
  const isElsewhere = !isSameAddress(started, { admin });
  return hasSome || !isElsewhere ? { tokens, certificates, login } : null;
}

function isSameAddress(one: Pick<GatewayConfig, 'admin'>, other: Pick<GatewayConfig, 'admin'>): boolean {
  return (
    one.admin?.address.host === other.admin?.address.host &&
    one.admin?.address.port === other.admin?.address.port
  );
}
