import type { PoliciesConfig } from '@turnpike/config';
import type { Exchange, Reply, Wrapper } from '../../core/exchange.ts';
import { ownHeaderName } from '../../core/header-names.ts';
import type { Identity } from '../../core/identity.ts';
import { refuse } from '../../core/problem.ts';
import { identityFields } from '../../core/identity-fields.ts';

/** Who signs what services are told. */
export interface IdentitySigner {
  /** A token that says who is calling, for this audience only; null as long as there is no key to sign with. */
  token(identity: Identity, audience: string): string | null;
}

/** What the stage works with. */
export interface ForwardIdentityPorts {
  readonly signer: IdentitySigner;
  /** Id of the service: the audience of a signed token. */
  readonly service: string;
}

/**
 * Tells the service who is calling: in plain fields for those who trust the network between us and them, or in a signed
 * token for the others. Nothing is told of callers who did not say who they are. Fields of these names that a client sends
 * never reach a service, on no route.
 */
export function forwardIdentity(
  config: PoliciesConfig['forwardIdentity'],
  ports: ForwardIdentityPorts,
): Wrapper | null {
  switch (config) {
    case 'off':
      return null;
    case 'headers':
      return inFields();
    case 'jwt':
      return inToken(ports);
    default:
      return config satisfies never;
  }
}

function inFields(): Wrapper {
  return (next) => (exchange) => {
    const { identity, headers } = exchange;
    if (identity === null) return next(exchange);
    const fields = identityFields(identity);
    if (fields === null) return Promise.resolve(tooLong(exchange));
    for (const [name, value] of fields) headers.appendNamed(name, value);
    return next(exchange);
  };
}

function inToken({ signer, service }: ForwardIdentityPorts): Wrapper {
  return (next) => (exchange) => {
    const { identity, headers } = exchange;
    if (identity === null) return next(exchange);
    const token = signer.token(identity, service);
    if (token === null) return Promise.resolve(withoutKey(exchange));
    if (token.length > MAX_TOKEN_LENGTH) return Promise.resolve(tooLong(exchange));
    headers.appendNamed(TOKEN, token);
    return next(exchange);
  };
}

const TOKEN = ownHeaderName('X-Identity-Token');
/** The most that one field may have when it comes to us, so that another gateway takes what we send. */
const MAX_TOKEN_LENGTH = 8192;

function tooLong(exchange: Exchange): Reply {
  return refuse(exchange, 'FORBIDDEN', {
    rule: 'forwardIdentity',
    detail: 'The service cannot be told who is calling: the identity is too long or not well-formed.',
  });
}

/** Never silently without: the service would take the caller for nobody. */
function withoutKey(exchange: Exchange): Reply {
  return refuse(exchange, 'CREDENTIALS_UNAVAILABLE', {
    rule: 'forwardIdentity',
    detail: 'There is no key yet with which the identity could be signed.',
    fields: [['Retry-After', '1']],
  });
}
