import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { onSite } from '../threads/fixture.ts';
import { openLoop, type LoadResult, type Outcome } from './open-loop.ts';
import type { StubPlan, StubReport } from './stub-service.ts';

/** One phase of a scenario. */
export interface Phase {
  readonly seconds: number;
  /** Compared with what the service can do with the mix of this phase. */
  readonly load: number;
  /** Every route of the gateway, if nothing else is said. */
  readonly paths?: readonly string[];
}

/** What became of a phase. */
export interface PhaseResult extends LoadResult {
  /** Good answers, compared with the most that the service could give in that time. */
  readonly goodput: number;
  readonly shedShare: number;
  readonly p99Ms: number;
}

/** A gateway with two threads before a service of known capacity. */
export interface World {
  /** Changes how the service works. */
  readonly replan: (plan: Partial<StubPlan>) => void;
  /** Loads it, and judges by what the service really did meanwhile: how fast the machine is does not matter. */
  readonly run: (phase: Phase) => Promise<PhaseResult>;
}

/** Routes that lead to the service, by their ids. */
export type Routes = Readonly<Record<string, { readonly workMs: number; readonly policies?: object }>>;

/** What a scenario begins with. */
export interface WorldPlan {
  readonly workers: number;
  readonly routes: Routes;
  /** Of the service, in the configuration. */
  readonly concurrency?: 'adaptive' | 'off';
}

/** Runs a scenario with a service of so many workers. */
export async function inWorld(
  t: TestContext,
  { workers, routes, concurrency = 'adaptive' }: WorldPlan,
  use: (world: World) => Promise<void>,
): Promise<void> {
  const stub = new Worker(new URL('./stub-service.ts', import.meta.url));
  t.after(() => stub.terminate());
  const [{ port }] = (await once(stub, 'message')) as [{ port: number }];
  const workMs = Object.fromEntries(Object.entries(routes).map(([id, route]) => [`/${id}`, route.workMs]));
  let plan: StubPlan = { workers, workMs };
  const replan = (change: Partial<StubPlan>): void => {
    plan = { ...plan, ...change };
    stub.postMessage(plan, []);
  };
  const report = async (): Promise<StubReport> => {
    stub.postMessage(null, []);
    const [done] = (await once(stub, 'message')) as [StubReport];
    return done;
  };
  replan({});
  const config = gatewayBefore({ endpoints: [`http://127.0.0.1:${port}`], concurrency }, routes);
  await onSite(config, async ({ start }) => {
    const gateway = await start({ watch: false });
    const run = async ({ seconds, load, paths = Object.keys(workMs) }: Phase): Promise<PhaseResult> => {
      const meanMs = paths.reduce((sum, path) => sum + (plan.workMs[path] ?? 0), 0) / paths.length;
      const perSecond = (load * plan.workers * 1000) / (meanMs + TIMER_MS);
      await report();
      const result = await openLoop({ port: gateway.ports.get('web') ?? 0, seconds, perSecond, paths });
      const judged = judge(result, plan.workers, await report());
      t.diagnostic(describeResult(load, judged));
      return judged;
    };
    await use({ replan, run });
  });
}

function judge(result: LoadResult, workers: number, { served, workedMs }: StubReport): PhaseResult {
  const capacity = workers / (workedMs / served / 1000);
  const sorted = result.latencies.toSorted((a, b) => a - b);
  return {
    ...result,
    goodput: result.good / result.seconds / capacity,
    shedShare: result.shed / result.offered,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Infinity,
  };
}

function describeResult(load: number, { goodput, shedShare, p99Ms, byPath }: PhaseResult): string {
  const served = [...byPath].map(([path, outcome]) => `${path} ${percent(goodShare(outcome))}`);
  return `load ${load}: goodput ${percent(goodput)}, shed ${percent(shedShare)}, p99 ${p99Ms.toFixed(0)} ms; ${served.join(', ')}`;
}

/** The share of the requests that was well answered. */
export function goodShare({ good, offered }: Outcome): number {
  return good / offered;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function gatewayBefore(stub: object, routes: Routes): string {
  return JSON.stringify({
    listeners: { web: { address: '127.0.0.1:0' } },
    admin: 'off',
    telemetry: { accessLog: 'off' },
    runtime: { threads: 2, drainTimeout: '5s' },
    services: { stub },
    routes: Object.fromEntries(
      Object.entries(routes).map(([id, { policies = {} }]) => [
        id,
        { match: { path: `/${id}` }, service: 'stub', policies },
      ]),
    ),
  });
}

/** What a timer of Node takes longer than it is told, at least on average. */
const TIMER_MS = 1;
