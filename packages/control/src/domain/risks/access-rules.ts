import type { AuthenticateConfig, RouteConfig } from '@turnpike/config';
import { isDisarmed, isSame, lacksSome, type Pair, type PairRule } from './rule.ts';

/** Who may come in. */
export const ACCESS_RULES: readonly PairRule<RouteConfig>[] = [
  {
    code: 'AUTHENTICATION_REMOVED',
    level: 'high',
    says: ['loses authentication', 'lose authentication'],
    holds: of('authenticate', (before, after) => before !== null && after === null),
  },
  {
    code: 'AUTHENTICATION_REPORTED',
    level: 'high',
    says: [
      'only reports who should not come in, and lets them in',
      'only report who should not come in, and let them in',
    ],
    holds: of('authenticate', (before, after) => after !== null && isDisarmed(before, after)),
  },
  {
    code: 'AUTHENTICATION_OPTIONAL',
    level: 'high',
    says: ['lets callers in who prove nothing', 'let callers in who prove nothing'],
    holds: of('authenticate', (before, after) => before?.optional === false && after?.optional === true),
  },
  {
    code: 'AUTHENTICATION_WIDENED',
    level: 'medium',
    says: ['accepts more ways to prove who one is', 'accept more ways to prove who one is'],
    holds: of(
      'authenticate',
      (before, after) => before !== null && after !== null && hasMoreWays(before, after),
    ),
  },
  {
    code: 'CREDENTIALS_FORWARDED',
    level: 'medium',
    says: [
      'passes more credentials of callers on to its service',
      'pass more credentials of callers on to their services',
    ],
    holds: of(
      'authenticate',
      (before, after) => before !== null && after !== null && passesMore(before, after),
    ),
  },
  {
    code: 'AUTHORIZATION_REMOVED',
    level: 'high',
    says: ['loses authorisation', 'lose authorisation'],
    holds: of('authorize', (before, after) => before !== null && after === null),
  },
  {
    code: 'AUTHORIZATION_REPORTED',
    level: 'high',
    says: [
      'only reports what callers may not do, and lets them',
      'only report what callers may not do, and let them',
    ],
    holds: of('authorize', (before, after) => after !== null && isDisarmed(before, after)),
  },
  {
    code: 'AUTHORIZATION_CHANGED',
    level: 'medium',
    says: [
      'asks for less, or for something else, of callers',
      'ask for less, or for something else, of callers',
    ],
    holds: of(
      'authorize',
      (before, after) =>
        before !== null &&
        after !== null &&
        (lacksSome(after.scopes, before.scopes) ||
          lacksSome(after.claims, before.claims) ||
          (before.anyScope.length > 0 &&
            (after.anyScope.length === 0 || lacksSome(before.anyScope, after.anyScope))) ||
          (before.rule !== null && before.rule !== after.rule) ||
          (before.external !== null && !isSame(before.external, after.external))),
    ),
  },
  {
    code: 'IP_ACCESS_REMOVED',
    level: 'high',
    says: ['lets all addresses in', 'let all addresses in'],
    holds: of('ipAccess', (before, after) => isDisarmed(before, after)),
  },
  {
    code: 'IP_ACCESS_WIDENED',
    level: 'medium',
    says: ['lets more addresses in', 'let more addresses in'],
    holds: of('ipAccess', (before, after) => {
      if (before === null || after === null) return false;
      const { allow } = before;
      const isOpened =
        allow !== null &&
        (after.allow === null ||
          lacksSome(allow.blocks, after.allow.blocks) ||
          lacksSome(allow.lists, after.allow.lists));
      const { deny } = after;
      return (
        isOpened || lacksSome(deny.blocks, before.deny.blocks) || lacksSome(deny.lists, before.deny.lists)
      );
    }),
  },
  {
    code: 'CORS_CLOSED',
    level: 'medium',
    says: ['closes to scripts of some pages', 'close to scripts of some pages'],
    holds: of(
      'cors',
      (before, after) =>
        before !== null &&
        !isForAll(after) &&
        (isForAll(before) || lacksSome(after?.origins ?? [], before.origins)),
    ),
  },
  {
    code: 'CORS_OPENED_TO_ALL',
    level: 'high',
    says: ['opens to scripts of every page', 'open to scripts of every page'],
    holds: of('cors', (before, after) => isForAll(after) && !isForAll(before)),
  },
  {
    code: 'CORS_OPENED',
    level: 'medium',
    says: ['opens to scripts of more pages', 'open to scripts of more pages'],
    holds: of(
      'cors',
      (before, after) =>
        after !== null &&
        !isForAll(after) &&
        (lacksSome(before?.origins ?? [], after.origins) ||
          (after.credentials && before?.credentials !== true)),
    ),
  },
  {
    code: 'IDENTITY_NOT_FORWARDED',
    level: 'medium',
    says: ['tells its service less of who is calling', 'tell their services less of who is calling'],
    holds: of(
      'forwardIdentity',
      (before, after) => before !== after && (after === 'off' || before === 'jwt'),
    ),
  },
  {
    code: 'UPSTREAM_CREDENTIALS_CHANGED',
    level: 'medium',
    says: [
      'calls its service as somebody else, or as nobody',
      'call their services as somebody else, or as nobody',
    ],
    holds: of('upstreamCredentials', (before, after) => before !== null && !isSame(before, after)),
  },
];

type Policies = RouteConfig['policies'];

/** A question about one policy. */
function of<K extends keyof Policies>(
  policy: K,
  holds: (before: Policies[K], after: Policies[K]) => boolean,
): (pair: Pair<RouteConfig>) => boolean {
  return ({ before, after }) => holds(before.policies[policy], after.policies[policy]);
}

function hasMoreWays(before: AuthenticateConfig, after: AuthenticateConfig): boolean {
  return lacksSome(before.providers, after.providers) || (after.consumers && !before.consumers);
}

const PASSED = ['none', 'tokens', 'all'] as const;

function passesMore(before: AuthenticateConfig, after: AuthenticateConfig): boolean {
  return PASSED.indexOf(after.forwardCredentials) > PASSED.indexOf(before.forwardCredentials);
}

function isForAll(cors: Policies['cors']): boolean {
  return cors?.origins.includes('*') === true;
}
