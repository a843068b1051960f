import type { AddressListConfig, ConsumerConfig, IdentityProviderConfig } from '@turnpike/config';
import { isSame, lacksSome, type PairRule } from './rule.ts';

/** Who vouches for callers. */
export const PROVIDER_RULES: readonly PairRule<IdentityProviderConfig>[] = [
  {
    code: 'IDENTITY_PROVIDER_CHANGED',
    level: 'high',
    says: ['believes another issuer, or other keys', 'believe another issuer, or other keys'],
    holds: ({ before, after }) =>
      before.issuer !== after.issuer ||
      !isSame(before.keys, after.keys) ||
      lacksSome(before.algorithms, after.algorithms),
  },
  {
    code: 'AUDIENCES_REMOVED',
    level: 'high',
    says: ['accepts tokens that are for others', 'accept tokens that are for others'],
    holds: ({ before, after }) => before.audiences.length > 0 && after.audiences.length === 0,
  },
  {
    code: 'AUDIENCES_CHANGED',
    level: 'high',
    says: ['accepts tokens for other audiences', 'accept tokens for other audiences'],
    holds: ({ before, after }) => after.audiences.length > 0 && !isSame(before.audiences, after.audiences),
  },
  {
    code: 'TOKENS_WEAKENED',
    level: 'medium',
    says: ['asks for less of tokens', 'ask for less of tokens'],
    holds: ({ before, after }) =>
      (before.dpop === 'required' && after.dpop !== 'required') ||
      (before.dpopNonce !== null && after.dpopNonce === null) ||
      (before.dpopWhenStoreFails === 'deny' && after.dpopWhenStoreFails === 'local') ||
      (before.tokenType === 'at+jwt' && after.tokenType !== 'at+jwt') ||
      after.clockToleranceMs > 2 * before.clockToleranceMs,
  },
  {
    code: 'LOGIN_CHANGED',
    level: 'medium',
    says: ['sends browsers through another login', 'send browsers through another login'],
    holds: ({ before, after }) => !isSame(before.login, after.login),
  },
  {
    code: 'PROVIDER_CLIENT_CHANGED',
    level: 'medium',
    says: [
      'gets our credentials at another address, or others',
      'get our credentials at another address, or others',
    ],
    holds: ({ before, after }) =>
      !isSame(before.client, after.client) || !isSame(before.introspection, after.introspection),
  },
];

/** Callers that we keep credentials for. */
export const CONSUMER_RULES: readonly PairRule<ConsumerConfig>[] = [
  {
    code: 'CONSUMER_SCOPES_ADDED',
    level: 'medium',
    says: ['may do more', 'may do more'],
    holds: ({ before, after }) => lacksSome(before.scopes, after.scopes),
  },
  {
    code: 'CREDENTIALS_REMOVED',
    level: 'medium',
    says: ['loses credentials', 'lose credentials'],
    holds: ({ before, after }) =>
      (['keys', 'certificates', 'basic'] as const).some((kind) =>
        lacksSome<unknown>(after[kind], before[kind]),
      ),
  },
  {
    code: 'CREDENTIALS_ADDED',
    level: 'low',
    says: ['gets other credentials', 'get other credentials'],
    holds: ({ before, after }) =>
      (['keys', 'certificates', 'basic'] as const).some((kind) =>
        lacksSome<unknown>(before[kind], after[kind]),
      ),
  },
  {
    code: 'PLAN_CHANGED',
    level: 'low',
    says: ['gets another plan, and the limits of it', 'get another plan, and the limits of it'],
    holds: ({ before, after }) => before.plan !== after.plan,
  },
];

/** Whom `@name` lets in or keeps out. */
export const LIST_RULES: readonly PairRule<AddressListConfig>[] = [
  {
    code: 'LIST_CHANGED',
    level: 'medium',
    says: ['has other addresses', 'have other addresses'],
    holds: () => true,
  },
];
