import { expressionNames } from '../expression.ts';
import type { Draft } from '../issue.ts';
import { burstOf, type WrittenRateLimit } from '../resolve/rate-limit.ts';
import type { Check } from './check.ts';
import { activeLimitPlaces, limitPlaces, type LimitPlace } from './limit-places.ts';
import { type PolicyCheck, policyPlaces } from './policy-places.ts';
import { ownerOf } from './unknown-name.ts';

/** What a limit says does not contradict itself. */
export const limitsAreClear: PolicyCheck = ({ path, policies }) =>
  limitPlaces(policies, path).flatMap(({ limit, path: at }) =>
    CONTRADICTIONS.filter(({ holds }) => holds(limit)).map(({ key, about }): Draft => {
      const from = [
        [...at, 'limit'],
        [...at, 'burst'],
      ];
      return { code: 'CONFLICT', message: `${ownerOf(path)}: ${about}`, path: [...at, key], at: 'key', from };
    }),
  );

interface Contradiction {
  /** What is to be changed. */
  readonly key: keyof WrittenRateLimit;
  readonly holds: (limit: WrittenRateLimit) => boolean;
  readonly about: string;
}

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    key: 'limitFrom',
    holds: ({ plans, limitFrom }) => plans !== null && limitFrom !== null,
    about: 'a limit comes from plans or from limitFrom; keep one of them',
  },
  {
    key: 'burst',
    holds: ({ algorithm, burst }) => algorithm === 'sliding' && burst !== null,
    about: 'a sliding window lets its whole limit come at once; remove burst, or use gcra',
  },
  {
    key: 'cost',
    holds: neverHasRoom,
    about: 'a request costs more than there may be at once, so none would pass; raise burst, or lower cost',
  },
  {
    key: 'responseCost',
    holds: ({ cost, responseCost }) =>
      responseCost !== null && typeof cost === 'string' && expressionNames('response', cost),
    about: 'cost is of the response already; keep one of cost and responseCost',
  },
];

/** A limit of 0 is meant so. */
function neverHasRoom(limit: WrittenRateLimit): boolean {
  const isFixed = limit.plans === null && limit.limitFrom === null && limit.limit > 0;
  return isFixed && typeof limit.cost === 'number' && limit.cost > burstOf(limit);
}

/** Limits of one place have different names, and count in buckets of different groups. */
export const limitsDiffer: PolicyCheck = ({ path, policies }) => {
  const places = limitPlaces(policies, path);
  return [...repeated(places, 'name', path), ...repeated(places, 'group', path)];
};

function repeated(places: readonly LimitPlace[], key: 'name' | 'group', path: LimitPlace['path']): Draft[] {
  const seen = new Set<string>();
  return places.flatMap(({ limit, path: at }): Draft[] => {
    const value = limit[key];
    if (value === null || !seen.has(value)) {
      if (value !== null) seen.add(value);
      return [];
    }
    const message = `${ownerOf(path)}: another limit before has this ${key}; give one of them another`;
    return [{ code: 'CONFLICT', message, path: [...at, key] }];
  });
}

/** Who shares buckets measures by the same measure. */
export const groupsAgree: Check = (_config, _referenceAt, document) => {
  const first = new Map<string, LimitPlace>();
  const places = policyPlaces(document).flatMap(({ path, policies }) => activeLimitPlaces(policies, path));
  return places.flatMap((place): Draft[] => {
    const { group } = place.limit;
    if (group === null) return [];
    const other = first.get(group) ?? place;
    first.set(group, other);
    const keys = SHAPE.filter((key) => textOf(place.limit[key]) !== textOf(other.limit[key]));
    if (keys.length === 0) return [];
    const there = ownerOf(other.path);
    const message = `${ownerOf(place.path)}: shares the buckets of ${there}, but has another ${keys.join(', ')}; make them equal, or leave this group`;
    const from = [place, other].flatMap(({ path }) => keys.map((key) => [...path, key]));
    return [{ code: 'CONFLICT', message, path: [...place.path, 'group'], from }];
  });
};

const SHAPE = ['limit', 'per', 'burst', 'by', 'algorithm', 'plans', 'limitFrom', 'store'] as const;

function textOf(value: unknown): string {
  if (!(value instanceof Map)) return JSON.stringify(value);
  return JSON.stringify(Array.from(value, ([plan, limit]) => `${plan} ${limit}`).sort());
}

/** Limits that count in Redis have one. */
export const storesExist: PolicyCheck = ({ path, policies }, { stores }) => {
  if (stores.redis !== null) return [];
  return activeLimitPlaces(policies, path)
    .filter(({ limit }) => limit.store === 'redis')
    .map(({ path: at }): Draft => {
      const message = `${ownerOf(path)}: a limit counts in Redis, but there is none; add stores: { redis: { url: "redis://127.0.0.1:6379" } }`;
      return { code: 'CONFLICT', message, path: [...at, 'store'], from: [['stores', 'redis']] };
    });
};
