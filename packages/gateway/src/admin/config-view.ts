import type { GatewayConfig } from '@turnpike/config';

/** What stands in place of a secret. */
const HIDDEN = '***';

/**
 * A configuration for people to look at: without tokens, and without anything that came from the environment or from a
 * secret file, wherever it stands.
 */
export function configView(config: GatewayConfig, redact: (text: string) => string): unknown {
  const { admin } = config;
  const tokens = admin?.tokens.map(({ role }) => ({ token: HIDDEN, role }));
  const shown = admin === null ? config : { ...config, admin: { ...admin, tokens } };
  return JSON.parse(
    JSON.stringify(shown, (_, value: unknown) => (typeof value === 'string' ? redact(value) : value)),
  );
}
