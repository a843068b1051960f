import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { PolicyCheck } from './policy-places.ts';
import { ownerOf, PROVIDER, unknownName } from './unknown-name.ts';

/** Tokens for services are asked for in one way. */
export const grantIsOne: PolicyCheck = ({ path, policies: { upstreamCredentials } }) => {
  if (upstreamCredentials === null || upstreamCredentials === 'off') return [];
  const { clientCredentials, tokenExchange } = upstreamCredentials;
  if ((clientCredentials === null) !== (tokenExchange === null)) return [];
  const at = [...path, 'upstreamCredentials'];
  const owner = ownerOf(path);
  if (clientCredentials === null) {
    const message = `${owner}: upstreamCredentials needs clientCredentials or tokenExchange`;
    return [{ code: 'MISSING_KEY', message, path: at, at: 'key' }];
  }
  const message = `${owner}: upstreamCredentials has clientCredentials and tokenExchange; keep one of them`;
  return [{ code: 'CONFLICT', message, path: [...at, 'tokenExchange'], at: 'key' }];
};

/** They are asked of an identity provider that knows us. */
export const grantorsKnowUs: PolicyCheck = ({ path, policies }, { identityProviders }, referenceAt) => {
  const { upstreamCredentials } = policies;
  if (upstreamCredentials === null || upstreamCredentials === 'off') return [];
  const known = new Set(identityProviders.map(({ id }) => id));
  const named: [string | null, Path][] = [
    [upstreamCredentials.clientCredentials, [...path, 'upstreamCredentials', 'clientCredentials']],
    [upstreamCredentials.tokenExchange, [...path, 'upstreamCredentials', 'tokenExchange']],
  ];
  return named.flatMap(([name, at]): Draft[] => {
    // An empty one is reported by the schema.
    if (name === null || name === '') return [];
    const provider = identityProviders.find(({ id }) => id === name);
    if (provider === undefined) return [unknownName({ ...PROVIDER, name, path: at }, known, referenceAt)];
    if (provider.client !== null) return [];
    const message = `${ownerOf(path)}: identityProviders.${name} cannot give us tokens; give it a client, such as client: { clientId: gateway, clientSecret: "\${env:SECRET}" }`;
    return [{ code: 'CONFLICT', message, path: at, from: [['identityProviders', name]] }];
  });
};
