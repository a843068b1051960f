import type { TestContext } from 'node:test';
import type { HedgeConfig, PoliciesConfig, RetryConfig } from '@turnpike/config';
import {
  rawClient,
  scriptedUpstream,
  startPlane,
  type Plane,
  type RawClient,
  type ScriptedUpstream,
  type Step,
  type Talk,
} from '@turnpike/testkit';
import type { LostAttempt } from '../../src/core/exchange.ts';
import { ONE_RETRY } from '../../src/upstream/resilience/retry-testing.ts';

/** Several endpoints of one service, which act by one script in the order in which requests come, wherever they come. */
export interface ClusterPlan {
  readonly step: Step;
  /** Two, unless it says more. */
  readonly endpoints?: number;
  /** Urls in front of theirs. */
  readonly others?: readonly string[];
  readonly listener?: object;
  readonly service?: object;
  readonly route?: object;
  readonly policies?: Partial<PoliciesConfig>;
}

/** A request that came to the service. */
export interface Arrival {
  readonly endpoint: number;
  readonly talk: Talk;
}

export interface Cluster {
  readonly plane: Plane;
  readonly upstreams: readonly ScriptedUpstream[];
  /** In the order in which they came. */
  readonly arrivals: readonly Arrival[];
  client(): Promise<RawClient>;
}

/** Starts a gateway in front of them; all of it ends with the test. */
export async function cluster(t: TestContext, plan: ClusterPlan): Promise<Cluster> {
  const arrivals: Arrival[] = [];
  const upstreams = await Promise.all(
    Array.from({ length: plan.endpoints ?? 2 }, (_, endpoint) =>
      scriptedUpstream((talk) => {
        arrivals.push({ endpoint, talk });
        return plan.step(talk);
      }),
    ),
  );
  const document = {
    listeners: { web: { address: '127.0.0.1:0', ...plan.listener } },
    services: {
      main: {
        endpoints: [...(plan.others ?? []), ...upstreams.map(({ url }) => url)],
        balancer: 'round-robin',
        ...plan.service,
      },
    },
    routes: { main: { match: { path: '/*' }, service: 'main', ...plan.route } },
  };
  const plane = await startPlane(document, {}, { retry: null, ...plan.policies });
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    for (const upstream of upstreams) await upstream.close();
    await plane.close();
  });
  return {
    plane,
    upstreams,
    arrivals,
    async client() {
      const client = await rawClient(plane.port);
      clients.push(client);
      return client;
    },
  };
}

/** A retry policy that differs from the default in this. */
export function retry(differences: Partial<RetryConfig> = {}): { readonly retry: RetryConfig } {
  return { retry: { ...ONE_RETRY, ...differences } };
}

/** A second attempt after the least time, with a budget that does not end. */
export function hedge(differences: Partial<HedgeConfig> = {}): { readonly hedge: HedgeConfig } {
  return { hedge: { mode: 'on', after: { kind: 'time', ms: 5 }, budgetPercent: 100, ...differences } };
}

/** Attempts that did not give the answer, as a line of the access log tells them. */
export function lostOf(line: Readonly<Record<string, unknown>> | undefined): readonly LostAttempt[] {
  return (line?.['lost'] ?? []) as readonly LostAttempt[];
}
