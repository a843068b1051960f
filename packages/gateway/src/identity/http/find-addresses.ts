import { lookup } from 'node:dns/promises';
import { addressKind } from './address-kind.ts';
import { HttpFailure } from './http-failure.ts';

/** An address that a name stands for. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Gives the addresses of a host that may be connected to, one at least. */
export type FindAddresses = (host: string) => Promise<readonly Address[]>;

/** All that the system knows; an address stands for itself. */
const findAll: FindAddresses = (host) => lookup(host, { all: true });

/**
 * The addresses of a host that somebody else named: those that everybody can reach, and those of the kind that the issuer
 * itself has. So a provider in a private network can name its neighbours there, and one on the internet cannot send us
 * to ours (server-side request forgery).
 */
export function findNear(issuer: string, find: FindAddresses = findAll): FindAddresses {
  const issuerHost = new URL(issuer).hostname.replaceAll(/[[\]]/g, '');
  return async (host) => {
    const found = await find(host);
    const issuer = host === issuerHost ? found : await find(issuerHost);
    const kinds = new Set(issuer.map(({ address }) => addressKind(address))).add('public');
    kinds.delete('forbidden');
    const allowed = found.filter(({ address }) => kinds.has(addressKind(address)));
    if (allowed.length === 0)
      throw new HttpFailure('address', 'the provider names an address that it may not send us to');
    return allowed;
  };
}
