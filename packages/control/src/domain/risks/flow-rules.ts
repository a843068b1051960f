import { type RouteConfig, servicesOf } from '@turnpike/config';
import { narrows } from './reach.ts';
import { isDisarmed, isSame, lacksSome, type PairRule } from './rule.ts';

/** How much longer, or how much more often, is worth a word. */
const MUCH = 3;
/** What listeners let in where nothing else is said. */
const USUAL_BODY_BYTES = 10 * 1024 * 1024;

/** What happens to requests. */
export const FLOW_RULES: readonly PairRule<RouteConfig>[] = [
  {
    code: 'ROUTE_NARROWED',
    level: 'medium',
    says: ['takes fewer requests than before', 'take fewer requests than before'],
    holds: ({ before, after }) => narrows(before.match, after.match),
  },
  {
    code: 'ROUTE_TARGET_CHANGED',
    level: 'medium',
    says: ['leads somewhere else', 'lead somewhere else'],
    holds: ({ before, after }) =>
      before.target.kind !== after.target.kind ||
      !isSame(servicesOf(before.target).toSorted(), servicesOf(after.target).toSorted()),
  },
  {
    code: 'ROUTE_REWRITTEN',
    level: 'medium',
    says: ['asks its service for another path or host', 'ask their services for another path or host'],
    holds: ({ before, after }) => !isSame(before.rewrite, after.rewrite),
  },
  {
    code: 'RATE_LIMIT_REMOVED',
    level: 'medium',
    says: ['loses a rate limit', 'lose a rate limit'],
    holds: ({ before, after }) =>
      before.policies.rateLimit.some((limit) => isDisarmed(limit, sameLimit(limit, after))),
  },
  {
    code: 'RATE_LIMIT_RAISED',
    level: 'medium',
    says: ['has a rate limit that lets more through', 'have a rate limit that lets more through'],
    holds: ({ before, after }) =>
      before.policies.rateLimit.some((limit) => {
        const now = sameLimit(limit, after);
        if (now === null) return false;
        const isOpener = limit.whenStoreFails !== 'allow' && now.whenStoreFails === 'allow';
        return (
          isOpener || now.limit * limit.windowMs > limit.limit * now.windowMs || !isSame(limit.by, now.by)
        );
      }),
  },
  {
    code: 'RATE_LIMIT_LOWERED',
    level: 'medium',
    says: [
      'has a rate limit that lets only a fraction through',
      'have a rate limit that lets only a fraction through',
    ],
    holds: ({ before, after }) =>
      before.policies.rateLimit.some((limit) => {
        const now = sameLimit(limit, after);
        return (
          now !== null &&
          now.mode === 'on' &&
          isMultiplied(now.limit / now.windowMs, limit.limit / limit.windowMs)
        );
      }),
  },
  {
    code: 'CONCURRENCY_RAISED',
    level: 'low',
    says: ['lets more requests of a caller run at once', 'let more requests of a caller run at once'],
    holds: ({ before: { policies: before }, after: { policies: after } }) =>
      isDisarmed(before.concurrency, after.concurrency) ||
      (before.concurrency?.limit ?? Infinity) < (after.concurrency?.limit ?? 0),
  },
  {
    code: 'VALIDATION_REMOVED',
    level: 'medium',
    says: ['does not refuse malformed requests any more', 'do not refuse malformed requests any more'],
    holds: ({ before, after }) =>
      isDisarmed(before.policies.validate, after.policies.validate) ||
      isDisarmed(before.policies.graphql, after.policies.graphql),
  },
  {
    code: 'VALIDATION_CHANGED',
    level: 'low',
    says: ['has another idea of well formed requests', 'have another idea of well formed requests'],
    holds: ({ before, after }) => {
      const pairs = [
        [before.policies.validate, after.policies.validate],
        [before.policies.graphql, after.policies.graphql],
      ];
      return pairs.some(([was, is]) => was?.mode === 'on' && is?.mode === 'on' && !isSame(was, is));
    },
  },
  {
    code: 'BODY_LIMIT_RAISED',
    level: 'low',
    says: ['takes larger requests', 'take larger requests'],
    holds: ({ before: { policies: before }, after: { policies: after } }) =>
      (before.limitsMode === 'on' && after.limitsMode !== 'on') ||
      (['bodyBytes', 'decompressedBytes', 'jsonDepth', 'headerCount', 'queryCount'] as const).some(
        (key) => (before[key] ?? Infinity) < (after[key] ?? Infinity) && before[key] !== null,
      ),
  },
  {
    code: 'BODY_LIMIT_LOWERED',
    level: 'medium',
    says: ['takes only requests a fraction as large', 'take only requests a fraction as large'],
    holds: ({ before: { policies: before }, after: { policies: after } }) =>
      after.limitsMode === 'on' &&
      after.bodyBytes !== null &&
      isMultiplied(after.bodyBytes, before.bodyBytes ?? USUAL_BODY_BYTES),
  },
  {
    code: 'SECURITY_HEADERS_REMOVED',
    level: 'low',
    says: ['sends fewer headers that make browsers careful', 'send fewer headers that make browsers careful'],
    holds: ({ before, after }) =>
      isDisarmed(before.policies.securityHeaders, after.policies.securityHeaders) ||
      lacksSome(
        Object.keys(after.policies.securityHeaders?.headers ?? {}),
        Object.keys(before.policies.securityHeaders?.headers ?? {}),
      ),
  },
  {
    code: 'TIMEOUT_MULTIPLIED',
    level: 'medium',
    says: ['may take several times as long', 'may take several times as long'],
    holds: ({ before, after }) => isMultiplied(before.policies.timeoutMs, after.policies.timeoutMs),
  },
  {
    code: 'TIMEOUT_SHORTENED',
    level: 'medium',
    says: ['may take only a fraction of the time', 'may take only a fraction of the time'],
    holds: ({ before, after }) =>
      after.policies.timeoutMs !== null && isMultiplied(after.policies.timeoutMs, before.policies.timeoutMs),
  },
  {
    code: 'RETRIES_MULTIPLIED',
    level: 'medium',
    says: ['may ask its service several times as often', 'may ask their services several times as often'],
    holds: ({ before: { policies: before }, after: { policies: after } }) => {
      const [was, is] = [before.retry, after.retry];
      if (is === null || is.mode !== 'on') return false;
      return (
        (is.attempts >= 2 * (was?.attempts ?? 1) && is.attempts > 2) ||
        is.budgetPercent >= MUCH * (was?.budgetPercent ?? is.budgetPercent) ||
        lacksSome(was?.methods ?? [], is.methods)
      );
    },
  },
  {
    code: 'FAULTS_INJECTED',
    level: 'high',
    says: ['fails on purpose', 'fail on purpose'],
    holds: ({ before, after }) =>
      after.policies.fault?.mode === 'on' && !isSame(before.policies.fault, after.policies.fault),
  },
  {
    code: 'MIRROR_ADDED',
    level: 'medium',
    says: ['sends copies of requests to another service', 'send copies of requests to another service'],
    holds: ({ before, after }) =>
      after.policies.mirror?.mode === 'on' &&
      after.policies.mirror.service !== before.policies.mirror?.service,
  },
  {
    code: 'CACHE_ADDED',
    level: 'low',
    says: [
      'answers from memory, or by other rules than before',
      'answer from memory, or by other rules than before',
    ],
    holds: ({ before, after }) =>
      after.policies.cache?.mode === 'on' && !isSame(before.policies.cache, after.policies.cache),
  },
  {
    code: 'PLUGIN_CHANGED',
    level: 'high',
    says: ['runs another plugin', 'run another plugin'],
    holds: ({ before, after }) => lacksSome(pluginsOf(before), pluginsOf(after)),
  },
];

/** One without a name of its own is called by its numbers: with others it still is the one of the same callers and the same time. */
function sameLimit(
  { name, by, windowMs }: RouteConfig['policies']['rateLimit'][number],
  { policies }: RouteConfig,
): RouteConfig['policies']['rateLimit'][number] | null {
  const { rateLimit } = policies;
  return (
    rateLimit.find((other) => other.name === name) ??
    rateLimit.find((other) => other.windowMs === windowMs && isSame(other.by, by)) ??
    null
  );
}

/** Null is no bound at all. */
function isMultiplied(beforeMs: number | null, afterMs: number | null): boolean {
  return beforeMs !== null && (afterMs === null || afterMs >= MUCH * beforeMs);
}

/** Code of others; a gateway that knows no plugins has none. */
function pluginsOf({ policies }: RouteConfig): readonly unknown[] {
  return (policies as object as { readonly plugins?: readonly unknown[] }).plugins ?? [];
}
