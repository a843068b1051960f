import { ask, isMissing, keepCsrfToken, Problem } from './client.ts';
import { overviewFromMetrics } from './metrics.ts';
import { useQuery } from './query.ts';
import type {
  Alert,
  CacheStats,
  Discovery,
  Endpoint,
  Instance,
  LoadSample,
  Me,
  ServiceLoad,
  ShownCertificate,
  Status,
} from './types.ts';

/** How often what moves is looked at. */
const PULSE_MS = 5_000;

/** Something that is looked at again and again, while the page is in view. */
export function useLive<T>(path: string, refetchInterval: number | false = PULSE_MS, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ['live', path],
    queryFn: ({ signal }) => ask<T>(path, { signal }),
    refetchInterval,
  });
}

/** The gateway's own operations, one hook each. */
export const useEndpoints = () => useLive<readonly Endpoint[]>('/endpoints');
export const useServiceLoads = () => useLive<readonly ServiceLoad[]>('/services');
export const useAlerts = (isAsked = true) => useLive<readonly Alert[]>('/alerts', 10_000, isAsked);
export const useDiscovery = () => useLive<readonly Discovery[]>('/discovery');
export const useInstances = () => useLive<readonly Instance[]>('/registry');
export const useCertificates = (isAsked = true) =>
  useLive<readonly ShownCertificate[]>('/certificates', 30_000, isAsked);
export const useCacheStats = () => useLive<CacheStats>('/cache');

/** How the gateway does. That it is not ready is an answer, not an error. */
export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: async ({ signal }): Promise<Status> => {
      const given = await ask<Status | string>('/readyz?verbose', { signal, expects: 503 });
      if (typeof given === 'object' && typeof given.revision === 'number') return given;
      throw new Problem(503, {
        title: 'The gateway is not ready',
        detail: JSON.stringify(given).slice(0, 300),
      });
    },
    refetchInterval: PULSE_MS,
  });
}

/** Who we are; `null`: this gateway has no control plane that would know. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: async ({ signal }): Promise<Me | null> => {
      try {
        const me = await ask<Me>('/v1/me', { signal });
        keepCsrfToken(me.csrf ?? '');
        return me;
      } catch (error) {
        if (isMissing(error)) return whoWithout(signal);
        throw error;
      }
    },
    staleTime: 60_000,
    retry: false,
  });
}

/** Without a control plane only the gateway itself can say whether a token is needed. */
async function whoWithout(signal: AbortSignal): Promise<null> {
  await ask('/services', { signal });
  return null;
}

/** Whether there is a database behind the API. */
export type Database =
  | { readonly kind: 'present' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** What the control plane says of its database; a gateway without a control plane has none either. */
export function useDatabase() {
  return useQuery({
    queryKey: ['database'],
    queryFn: async ({ signal }): Promise<Database> => {
      try {
        return databaseIn(await ask<Status>('/v1/status', { signal }));
      } catch (error) {
        if (isMissing(error)) return { kind: 'absent' };
        // Who sees some workspaces only is not told how the gateway does.
        if (error instanceof Problem && error.status === 403) return { kind: 'present' };
        throw error;
      }
    },
    staleTime: 15_000,
    refetchInterval: 15_000,
  });
}

function databaseIn({ control }: Status): Database {
  const database = control?.database ?? null;
  if (database === null) return { kind: 'absent' };
  return database.isReachable ? { kind: 'present' } : { kind: 'unreachable', detail: database.problem };
}

/** The revision that people know: that of the database, or else how often the configuration was applied. */
export function revisionOf({ control, revision }: Status): number {
  return control?.database?.revision ?? revision;
}

/** What one sample is about. */
export const SAMPLE_MS = 10_000;

/** In samples, the name of what has none, such as requests that no route took. */
export const UNNAMED = '__none__';

/** Every ten seconds of the last hour. */
export interface Overview {
  readonly samples: readonly LoadSample[];
  /** Milliseconds since 1970, by the clock of the gateway. */
  readonly now: number;
}

/** The last hour; where no control plane keeps it, what was seen since this page was opened. */
export function useOverview() {
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ signal }): Promise<Overview & { readonly isPartial: boolean }> => {
      try {
        const { samples, now } = await ask<Overview>('/v1/overview', { signal });
        return { samples, now, isPartial: false };
      } catch (error) {
        if (!isMissing(error)) throw error;
        return { ...(await overviewFromMetrics(signal)), isPartial: true };
      }
    },
    refetchInterval: 10_000,
  });
}

/** The busiest in some samples together: requests a second, share of errors, and the worst latencies. */
export function busiest(samples: readonly LoadSample[], by: 'routes' | 'services'): readonly Busy[] {
  const sums = new Map<string, { requests: number; errors: number; weighted: number; p99Ms: number }>();
  for (const sample of samples)
    for (const { name, requests, errors, p50Ms, p99Ms } of sample[by]) {
      const sum = sums.get(name) ?? { requests: 0, errors: 0, weighted: 0, p99Ms: 0 };
      sum.requests += requests;
      sum.errors += errors;
      sum.weighted += p50Ms * requests;
      sum.p99Ms = Math.max(sum.p99Ms, p99Ms);
      sums.set(name, sum);
    }
  const seconds = Math.max(1, samples.length) * 10;
  return Array.from(sums, ([name, { requests, errors, weighted, p99Ms }]) => ({
    name,
    perSecond: requests / seconds,
    errorShare: requests === 0 ? 0 : errors / requests,
    p50Ms: requests === 0 ? 0 : weighted / requests,
    p99Ms,
  })).sort((one, other) => other.perSecond - one.perSecond);
}

/** What a route or a service had to do lately. */
export interface Busy {
  readonly name: string;
  readonly perSecond: number;
  readonly errorShare: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
