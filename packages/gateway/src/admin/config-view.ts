import type { GatewayConfig } from '@turnpike/config';

/** What stands in place of a secret. */
const HIDDEN = '***';

/** The members of a configuration that hold secrets, wherever they stand. A test compares them with the schema. */
const SECRET_MEMBERS = new Set([
  'token',
  'secret',
  'secrets',
  'key',
  'password',
  'signingKey',
  'urls',
  'hmacKey',
  'databaseUrl',
  'encryptionKeys',
]);

/**
 * A configuration for people to look at: without secrets, and without anything else that came from the environment or from
 * a secret file, wherever it stands.
 */
export function configView(config: GatewayConfig, redact: (text: string) => string): unknown {
  return JSON.parse(
    JSON.stringify(config, (name, value: unknown) => {
      if (SECRET_MEMBERS.has(name)) return hidden(value);
      return typeof value === 'string' ? redact(value) : value;
    }),
  );
}

/** Still tells how many there are, and whether there is any. */
function hidden(value: unknown): unknown {
  if (value === null) return null;
  return Array.isArray(value) ? value.map(() => HIDDEN) : HIDDEN;
}
