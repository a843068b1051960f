/** What an endpoint of the cluster is like. */
export interface EndpointPlan {
  /** 1: works off the mean in its time. */
  readonly speed: number;
  /** Answers every request with 503 at once. */
  readonly fails: boolean;
  /** Is slower for a while after the beginning; `factor` times its speed. */
  readonly slow: { readonly fromMs: number; readonly untilMs: number; readonly factor: number } | null;
}

/** Endpoints that do the same. */
export interface Cluster {
  readonly endpoints: readonly EndpointPlan[];
  /** Of each endpoint. */
  readonly workers: number;
  /** Of the time that a request takes, log-normally. */
  readonly meanMs: number;
  readonly sigma: number;
  /** Whether endpoints are disturbed now and then. */
  readonly neighbours: boolean;
}

/** A cluster under load. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly cluster: Cluster;
  /** Of the capacity of the cluster as it is on average. */
  readonly load: number;
}

const COUNT = 20;
const ALIKE: EndpointPlan = { speed: 1, fails: false, slow: null };

/** Three in five are fast, a quarter is slower, the rest much slower. */
const MIXED: readonly EndpointPlan[] = Array.from({ length: COUNT }, (_, index) => ({
  ...ALIKE,
  speed: index < 12 ? 1 : index < 17 ? 0.6 : 0.35,
}));
const EQUAL: readonly EndpointPlan[] = Array.from({ length: COUNT }, () => ALIKE);

function withFirst(plans: readonly EndpointPlan[], first: Partial<EndpointPlan>): readonly EndpointPlan[] {
  return plans.map((plan, index) => (index === 0 ? { ...plan, ...first } : plan));
}

/**
 * 20 endpoints with four workers each. Requests take twice as long as would be usual, 20 ms, because timers are no better
 * than a millisecond.
 */
const base = { workers: 4, meanMs: 20, sigma: 1 } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'mixed',
    about: 'fast, slower and much slower endpoints, each disturbed a fifth of the time',
    cluster: { ...base, endpoints: MIXED, neighbours: true },
    load: 0.7,
  },
  {
    name: 'alike',
    about: 'all endpoints are the same and undisturbed',
    cluster: { ...base, endpoints: EQUAL, neighbours: false },
    load: 0.7,
  },
  {
    name: 'failing',
    about: 'as mixed, and one answers 503 at once',
    cluster: { ...base, endpoints: withFirst(MIXED, { fails: true }), neighbours: true },
    load: 0.7,
  },
  {
    name: 'slow',
    about: 'as alike, and one is ten times slower',
    cluster: { ...base, endpoints: withFirst(EQUAL, { speed: 0.1 }), neighbours: false },
    load: 0.7,
  },
  {
    name: 'heals',
    about: 'as alike, and one is ten times slower for the first 8 s',
    cluster: {
      ...base,
      endpoints: withFirst(EQUAL, { slow: { fromMs: 0, untilMs: 8000, factor: 0.1 } }),
      neighbours: false,
    },
    load: 0.7,
  },
];

/** Requests a second that a cluster can do. Those that fail do nothing, and disturbed ones are at 0.4 of their pace. */
export function capacityOf({ endpoints, workers, meanMs, neighbours }: Cluster): number {
  const speed = endpoints.reduce((sum, { speed, fails }) => sum + (fails ? 0 : speed), 0);
  return (speed * workers * 1000 * (neighbours ? 0.8 + 0.2 * 0.4 : 1)) / meanMs;
}
