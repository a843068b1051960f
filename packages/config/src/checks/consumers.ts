import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { Check } from './check.ts';

interface Credential {
  readonly consumer: string;
  /** What makes it the same as another; never shown. */
  readonly value: string;
  readonly kind: string;
  readonly path: Path;
}

/** No two consumers have the same credential: they could not be told apart. */
export const credentialsDiffer: Check = ({ consumers }) => {
  const credentials = consumers.flatMap(({ id, keys, certificates, basic }): Credential[] => [
    ...keys.map(({ key }, index) => ({
      consumer: id,
      value: key,
      kind: 'API key',
      path: ['consumers', id, 'keys', index],
    })),
    ...certificates.map(({ subject, san, fingerprint }, index) => ({
      consumer: id,
      value: JSON.stringify([subject, san, fingerprint]),
      kind: 'certificate',
      path: ['consumers', id, 'certificates', index],
    })),
    ...basic.map(({ username }, index) => ({
      consumer: id,
      value: username,
      kind: 'user name',
      path: ['consumers', id, 'basic', index, 'username'],
    })),
  ]);
  const owners = new Map<string, string>();
  return credentials.flatMap(({ consumer, kind, value, path }): Draft[] => {
    const name = `${kind} ${value}`;
    const owner = owners.get(name);
    owners.set(name, owner ?? consumer);
    // The same again for the same consumer is only superfluous, except for a user name, which has one password.
    if (owner === undefined || (owner === consumer && kind !== 'user name')) return [];
    const message = `consumers.${consumer}: has the same ${kind} as ${owner}; callers could not be told apart`;
    return [{ code: 'DUPLICATE_CREDENTIAL', message, path }];
  });
};

/** A consumer can prove who it is. Where there is a database, keys may be issued over the admin API. */
export const consumersHaveCredentials: Check = ({ consumers, stores }) =>
  consumers.flatMap(({ id, keys, certificates, basic }): Draft[] => {
    if (stores.database !== null || keys.length + certificates.length + basic.length > 0) return [];
    const message = `consumers.${id}: has no credentials, so nobody can be it; give it keys, certificates or basic`;
    return [{ code: 'NO_EFFECT', message, path: ['consumers', id], at: 'key', severity: 'warning' }];
  });
