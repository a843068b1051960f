import type { Draft } from '../issue.ts';
import { isLoopback } from '../format/ip.ts';
import { dotted, type Path } from '../path.ts';
import type { IdentityProviderConfig } from '../resolved.ts';
import type { Check } from './check.ts';
import type { PolicyCheck } from './policy-places.ts';

/** Keys, tokens and lists come over TLS, or from this machine. */
export const askedOverTls: Check = ({ identityProviders, lists }) => [
  ...identityProviders.flatMap(addressesOf).flatMap(plainHttp),
  ...lists.flatMap((list) => (list.kind === 'url' ? plainHttp([list.url, ['lists', list.id, 'url']]) : [])),
];

/** So do decisions. */
export const decidedOverTls: PolicyCheck = ({ path, policies: { authorize } }) => {
  if (authorize === null || authorize === 'off' || authorize.external === null) return [];
  return plainHttp([authorize.external.url.url, [...path, 'authorize', 'external', 'url']]);
};

type Address = readonly [url: string | null, path: Path];

function addressesOf(provider: IdentityProviderConfig): Address[] {
  const { id, issuer, keys, introspection, client, login } = provider;
  const path = ['identityProviders', id];
  const isDiscovered =
    keys.kind === 'discovery' ||
    login !== null ||
    introspection?.endpoint === null ||
    client?.endpoint === null;
  return [
    [isDiscovered ? issuer : null, [...path, 'issuer']],
    [keys.kind === 'url' ? keys.url : null, [...path, 'jwks']],
    [introspection?.endpoint ?? null, [...path, 'introspection', 'endpoint']],
    [client?.endpoint ?? null, [...path, 'client', 'endpoint']],
    [login?.publicOrigin ?? null, [...path, 'login', 'publicOrigin']],
  ];
}

function plainHttp([url, path]: Address): Draft[] {
  if (url === null || !url.startsWith('http://')) return [];
  if (isLoopback(new URL(url).hostname.replaceAll(/^\[|\]$/g, ''))) return [];
  const message = `${dotted(path)}: over http:// anybody on the way can read and change what is said; use TLS`;
  return [{ code: 'INSECURE', message, path, severity: 'warning' }];
}
