import { parametersOf } from '../format/path-pattern.ts';
import type { Draft } from '../issue.ts';
import { dotted, type Path } from '../path.ts';
import type { LimitKeyConfig } from '../resolved.ts';
import { isActive } from '../resolve/access-policies.ts';
import { isOfCaller, severalKeys } from '../resolve/limit-keys.ts';
import { needsIdentity } from '../resolve/rate-limit.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import { authenticatePaths, type Holder, type HolderCheck, placeOf, type PolicyKey } from './holders.ts';
import { activeLimitPlaces } from './limit-places.ts';
import { unknownParameter } from './unknown-name.ts';

/** Limits that count by who is calling stand on routes where somebody finds out. */
export const limitedCallersAreKnown: HolderCheck = (holder, document) => {
  if (holder.route.policies.authenticate !== null) return [];
  return limitsOf(holder, document)
    .filter(({ isOfCallers }) => isOfCallers)
    .map(({ below }): Draft => {
      const message = `${dotted(holder.path)}: ${below[0]} counts by who is calling, but nobody finds out; add authenticate, or count by ip`;
      return { code: 'CONFLICT', message, ...placeOf(holder, below), from: authenticatePaths(holder) };
    });
};

/** Only consumers have plans and metadata: without them every caller would be the same. */
export const limitedConsumersAreKnown: HolderCheck = (holder, document) => {
  const { authenticate, priority } = holder.route.policies;
  if (authenticate === null || authenticate.consumers) return [];
  const ofConsumers = limitsOf(holder, document).filter(({ isOfConsumers }) => isOfConsumers);
  const belows = ofConsumers.map(({ below }) => below);
  if (Object.keys(priority.plans).length > 0) belows.push(['priority']);
  return belows.map((below): Draft => {
    const message = `${dotted(holder.path)}: ${below[0]} looks at what only consumers have, but authenticate.with does not name them`;
    return { code: 'NO_EFFECT', message, ...placeOf(holder, below), severity: 'warning' };
  });
};

/** Limits count by parameters that the path of the route has. Of an API that is not asked: its paths differ. */
export const limitedParametersExist: HolderCheck = (holder, document, referenceAt) => {
  const { path: section, route } = holder;
  if (section[0] !== 'routes') return [];
  const pattern = route.match.path;
  return limitsOf(holder, document).flatMap(({ keys, below }) =>
    severalKeys(keys).flatMap((key, index): Draft[] => {
      if (key.kind !== 'path') return [];
      const known = new Set(parametersOf(pattern));
      if (known.has(key.name)) return [];
      const place = Array.isArray(keys) ? [...below, 'by', index] : [...below, 'by'];
      const path = [...section, 'policies', ...place];
      return [unknownParameter({ name: key.name, path, pattern, user: 'a limit' }, known, referenceAt)];
    }),
  );
};

/** A limit that acts on a route, its own or one of the defaults. */
interface Limit {
  /** The way to it from `policies`. */
  readonly below: readonly [PolicyKey, ...Path];
  readonly keys: LimitKeyConfig | readonly LimitKeyConfig[];
  readonly isOfCallers: boolean;
  readonly isOfConsumers: boolean;
}

const NO_LIMITS: readonly Limit[] = [];

function limitsOf({ own }: Holder, { defaults }: Pick<ResolvedDocument, 'defaults'>): readonly Limit[] {
  const rateLimit = own.rateLimit ?? defaults.policies.rateLimit;
  const concurrency = own.concurrency ?? defaults.policies.concurrency;
  if (rateLimit === null && concurrency === null) return NO_LIMITS;
  const limits = activeLimitPlaces({ ...own, rateLimit }, []).map(({ limit, path }): Limit => {
    const [, ...rest] = path;
    const isOfConsumers = limit.plans !== null || severalKeys(limit.by).some(isOfConsumer);
    return {
      below: ['rateLimit', ...rest],
      keys: limit.by,
      isOfCallers: needsIdentity(limit),
      isOfConsumers,
    };
  });
  if (!isActive(concurrency) || concurrency.by === null) return limits;
  const keys = severalKeys(concurrency.by);
  const [isOfCallers, isOfConsumers] = [keys.some(isOfCaller), keys.some(isOfConsumer)];
  return [...limits, { below: ['concurrency'], keys: concurrency.by, isOfCallers, isOfConsumers }];
}

function isOfConsumer({ kind }: LimitKeyConfig): boolean {
  return kind === 'consumer' || kind === 'plan' || kind === 'metadata';
}
