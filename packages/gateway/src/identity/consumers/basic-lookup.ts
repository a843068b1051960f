import type { Authentication, Identity } from '../../core/identity.ts';
import { refused, unavailable } from '../refusals.ts';
import type { PasswordData } from './compile-consumers.ts';
import { identified, type IdentityOf } from './consumer-identity.ts';
import type { BasicCredentials, Lookup } from './consumers.ts';
import type { PasswordChecks } from './password-checks.ts';
import { isPlainPassword, readPassword, type PasswordHash } from './password-hash.ts';

interface Entry {
  readonly password: PasswordHash;
  readonly identity: Identity;
}

/**
 * Finds consumers by user name and password. For a user name that nobody has, the password of another is verified, always
 * the same one, so that the time of an answer does not tell which names there are.
 */
export function basicLookup(
  passwords: readonly PasswordData[],
  identityOf: IdentityOf,
  checks: PasswordChecks,
): Lookup<BasicCredentials> {
  const entries = new Map<string, Entry>();
  for (const { username, password, consumer } of passwords)
    entries.set(username, {
      password: readPassword(password),
      identity: identityOf(consumer, 'basic', Infinity),
    });
  const all = [...entries.values()];

  return {
    isUsed: all.length > 0,
    recall(credentials) {
      const entry = entries.get(credentials.username);
      return entry !== undefined && isKnownRight(entry, credentials, checks) ? entry.identity : null;
    },
    async find(credentials) {
      const entry = entries.get(credentials.username);
      const decoy = entry ?? all[checks.indexFor(credentials.username, all.length)];
      const verdict = decoy === undefined ? 'wrong' : await verify(decoy, credentials, checks);
      if (verdict === 'busy') return BUSY;
      return verdict === 'right' && entry !== undefined ? identified(entry.identity) : WRONG;
    },
  };
}

/** One reason for a wrong name and a wrong password. */
const WRONG: Authentication = refused('unknown', 'The user name or the password is wrong.');
const BUSY: Authentication = unavailable('busy', 'Too many passwords of consumers wait to be verified.');

function isKnownRight({ password }: Entry, credentials: BasicCredentials, checks: PasswordChecks): boolean {
  return password.kind === 'plain'
    ? isPlainPassword(password, credentials.password)
    : checks.recall(password, credentials) === 'right';
}

async function verify({ password }: Entry, credentials: BasicCredentials, checks: PasswordChecks) {
  if (password.kind === 'slow') return checks.verify(password, credentials);
  return isPlainPassword(password, credentials.password) ? 'right' : 'wrong';
}
