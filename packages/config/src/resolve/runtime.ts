import type { AdminConfig, RuntimeConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** The admin API, or `null` when it is off. */
export function resolveAdmin({ admin }: ResolvedDocument, context: Context): AdminConfig | null {
  if (admin === 'off') return null;
  return { address: admin.address, tokens: admin.tokens, origin: context.originOf('admin') };
}

/** The process. */
export function resolveRuntime({ runtime }: ResolvedDocument, context: Context): RuntimeConfig {
  return {
    zone: runtime.zone,
    threads: runtime.threads === 'auto' ? 0 : runtime.threads,
    drainTimeoutMs: runtime.drainTimeout,
    selfProtection: runtime.selfProtection === 'on',
    stateDirectory: context.absoluteToMain(runtime.stateDirectory),
    signingKey: runtime.signingKey,
  };
}
