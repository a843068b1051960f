import type { Refusal } from '../../core/identity.ts';
import { PROOF_ALGORITHMS, REALM } from './challenges.ts';

/** What is wrong with a credential: the text for its sender, and the scheme and error of the challenge. */
interface RefusalKind {
  readonly detail: string;
  readonly scheme: 'Bearer' | 'DPoP';
  readonly error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';
}

function token(detail: string): RefusalKind {
  return { detail, scheme: 'Bearer', error: 'invalid_token' };
}

/** The token may be right, but it takes a proof to use it. */
function bound(detail: string): RefusalKind {
  return { detail, scheme: 'DPoP', error: 'invalid_token' };
}

function proof(detail: string): RefusalKind {
  return { detail, scheme: 'DPoP', error: 'invalid_dpop_proof' };
}

/**
 * Everything that a token is refused for. The list is closed, because the reasons are labels of metrics; the texts are
 * constant, because they go into a field and to people who may not be who they say.
 */
export const TOKEN_REFUSALS = {
  credentials: token('The Authorization field is malformed'),
  malformed: token('The access token is malformed'),
  encrypted: token('Encrypted access tokens are not accepted'),
  critical: token('The access token demands an extension that is not supported'),
  type: token('The token is not an access token'),
  issuer: token('The issuer of the access token is not accepted here'),
  audience: token('The access token is for somebody else'),
  expired: token('The access token has expired'),
  'not-yet-valid': token('The access token is not valid yet'),
  claims: token('A claim of the access token is missing or malformed'),
  algorithm: token('The access token is signed with an algorithm that is not accepted'),
  'unknown-key': token('The access token is signed with an unknown key'),
  signature: token('The signature of the access token is wrong'),
  opaque: token('The access token is not a signed token, and nobody here can look it up'),
  inactive: token('The access token is not active'),
  confirmation: token('The access token is bound to its client in a way that is not supported'),
  certificate: token('The access token belongs to another client certificate'),
  unbound: bound('The access token is not bound to a key'),
  'bound-as-bearer': bound('The access token is bound to a key and must come with a proof'),
  'proof-missing': proof('The proof of possession is missing'),
  'proof-malformed': proof('The proof of possession is malformed'),
  'proof-key': proof('The proof of possession is by another key'),
  'proof-signature': proof('The signature of the proof of possession is wrong'),
  'proof-request': proof('The proof of possession is for another request'),
  'proof-token': proof('The proof of possession is for another access token'),
  'proof-time': proof('The proof of possession is too old, or from the future'),
  'proof-replayed': proof('The proof of possession was used before'),
  'proof-nonce': {
    detail: 'The proof of possession needs the nonce of this answer',
    scheme: 'DPoP',
    error: 'use_dpop_nonce',
  },
} as const satisfies Record<string, RefusalKind>;

/** Why a credential is not accepted. */
export type TokenReason = keyof typeof TOKEN_REFUSALS;

/** What cannot be had when nobody can tell what a token is worth; said of a provider. */
const UNAVAILABLE = {
  'keys-unavailable': (provider: string) =>
    `The keys of the identity provider ${provider} are not known at the moment`,
  'introspection-unavailable': (provider: string) =>
    `The identity provider ${provider} cannot be asked about the access token at the moment`,
  'replays-unavailable': () =>
    'Whether the proof of possession was used before cannot be found out at the moment',
} as const;

/** Every reason that this folder gives. */
export const TOKEN_REASONS: readonly string[] = [...Object.keys(TOKEN_REFUSALS), ...Object.keys(UNAVAILABLE)];

/** The refusal for a reason, with a challenge as RFC 6750 §3 and RFC 9449 §7.1 want it. A proof is never for `Bearer`. */
export function refusal(reason: TokenReason, asked: RefusalKind['scheme'] = 'Bearer'): Refusal {
  const { detail, scheme: own, error }: RefusalKind = TOKEN_REFUSALS[reason];
  const scheme = own === 'DPoP' ? own : asked;
  const algorithms = scheme === 'DPoP' ? `, ${PROOF_ALGORITHMS}` : '';
  const challenge = `${scheme} ${REALM}, error="${error}", error_description="${detail}"${algorithms}`;
  return { kind: 'refused', code: 'UNAUTHENTICATED', reason, detail, challenge };
}

/** The same refusal of a token that came in this scheme, or has to. */
export function inScheme(refused: Refusal, scheme: RefusalKind['scheme']): Refusal {
  return isTokenReason(refused.reason) ? refusal(refused.reason, scheme) : refused;
}

function isTokenReason(reason: string): reason is TokenReason {
  return Object.hasOwn(TOKEN_REFUSALS, reason);
}

/** The refusal when a provider is needed that does not answer. */
export function unavailable(reason: keyof typeof UNAVAILABLE, provider: string): Refusal {
  const detail = UNAVAILABLE[reason](provider);
  return { kind: 'refused', code: 'IDENTITY_UNAVAILABLE', reason, detail, challenge: '' };
}
