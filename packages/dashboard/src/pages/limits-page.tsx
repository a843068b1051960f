import { ask } from '../api/client.ts';
import { useServiceLoads, useStatus } from '../api/gateway.ts';
import { readMetrics } from '../api/metrics.ts';
import { useObjects } from '../api/objects.ts';
import { useQuery } from '../api/query.ts';
import type { ObjectView, ServiceLoad } from '../api/types.ts';
import { hrefOf } from '../router/location.ts';
import { count, duration, plural, share } from '../ui/format.ts';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { Loaded } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { Badge, Meter, State } from '../ui/words.tsx';

const SERVICE_COLUMNS: readonly Column<ServiceLoad>[] = [
  {
    id: 'service',
    title: 'Service',
    value: ({ service }) => service,
    show: ({ service }) => <a href={hrefOf(['services', service])}>{service}</a>,
    isHead: true,
  },
  {
    id: 'inflight',
    title: 'At work',
    value: ({ inflight = 0, limit = 1 }) => inflight / limit,
    show: ({ inflight, limit }) =>
      inflight === undefined || limit === undefined ? (
        <span className="muted">no limit</span>
      ) : (
        <span className="row" style={{ flexWrap: 'nowrap' }}>
          <Meter
            value={inflight / limit}
            tone={inflight >= limit ? 'bad' : 'plain'}
            label={`${share(inflight / limit)} of the limit`}
          />
          {count(inflight)} of {count(limit)}
        </span>
      ),
  },
  {
    id: 'waiting',
    title: 'Waiting',
    value: ({ waiting }) => waiting ?? null,
    show: ({ waiting }) => (waiting === undefined ? '–' : count(waiting)),
    align: 'end',
  },
  { id: 'kind', title: 'Limit', value: ({ concurrency }) => concurrency ?? null, isWideOnly: true },
  {
    id: 'breaker',
    title: 'Breaker',
    value: ({ breaker }) => breaker?.state ?? '',
    show: ({ breaker }) =>
      breaker === undefined ? (
        <span className="muted">none</span>
      ) : (
        <span className="row">
          <State state={breaker.state} />
          {breaker.state === 'open' && (
            <span className="muted small">for {duration(breaker.openForMs / 1000)} more</span>
          )}
        </span>
      ),
  },
];

interface RouteLimits {
  readonly route: string;
  readonly rules: readonly string[];
}

const ROUTE_COLUMNS: readonly Column<RouteLimits>[] = [
  {
    id: 'route',
    title: 'Route',
    value: ({ route }) => route,
    show: ({ route }) => <a href={hrefOf(['routes', route])}>{route}</a>,
    isHead: true,
  },
  {
    id: 'rules',
    title: 'Limits',
    value: ({ rules }) => rules.join(', '),
    show: ({ rules }) => (
      <span className="row">
        {rules.map((rule) => (
          <Badge key={rule}>{rule}</Badge>
        ))}
      </span>
    ),
  },
];

/** Errors that say that there was too much, and who said so. */
const REFUSALS = [
  ['RATE_LIMITED', 'by rate limits'],
  ['CONCURRENCY_LIMITED', 'by limits of callers at once'],
  ['OVERLOADED', 'for busy services'],
  ['BREAKER_OPEN', 'by open breakers'],
  ['GATEWAY_OVERLOADED', 'by the busy gateway'],
] as const;

/** What holds requests back: rates by route, work by service, and the gateway when it cannot follow. */
export function Page() {
  const services = useServiceLoads();
  const routes = useObjects('routes');
  return (
    <>
      <PageHead
        title="Limits"
        lead="What holds requests back: rates by route, how much a service may do at once, breakers, and the gateway itself when it cannot follow."
      />
      <div className="stack">
        <Refused />
        <Strain />
        <Loaded of={services}>
          {(rows) => (
            <Card title="Services" isPadded={false}>
              <DataTable
                caption="Limits of services"
                rows={rows}
                columns={SERVICE_COLUMNS}
                empty={
                  <Empty icon="limits" title="No service has a limit or a breaker">
                    <code>concurrency: adaptive</code> finds out by itself how much a service can do at once,
                    and keeps the rest from it. <code>circuitBreaker</code> spares one that fails.
                  </Empty>
                }
              />
            </Card>
          )}
        </Loaded>
        <Loaded of={routes}>
          {({ items }) => (
            <Card title="Routes" isPadded={false}>
              <DataTable
                caption="Limits of routes"
                rows={limitsOf(items)}
                columns={ROUTE_COLUMNS}
                empty={
                  <Empty icon="limits" title="No route has a rate limit">
                    <code>{'rateLimit: { limit: 100, per: 1m }'}</code> among the policies of a route holds it
                    to that, exactly, over all threads.
                  </Empty>
                }
              />
            </Card>
          )}
        </Loaded>
      </div>
    </>
  );
}

/** Priorities that a thread can send away; it never does so to the highest. */
const LEVELS = 4;

/** Whether threads can follow, or send the lower priorities away to protect themselves. */
function Strain() {
  const threads = useStatus().data?.threads ?? [];
  if (threads.length === 0) return null;
  const shedding = threads.filter(({ strain }) => (strain?.sheds.length ?? 0) > 0);
  return (
    <Card
      title="Self-protection"
      aside={
        shedding.length === 0 ? (
          <Badge tone="ok">all threads follow</Badge>
        ) : (
          <Badge tone="bad">{plural(shedding.length, 'thread')} shed load</Badge>
        )
      }
    >
      <ul className="grid" style={{ ['--min' as string]: '11rem' }}>
        {threads.map(({ thread, strain }) => {
          const level = Math.max(strain?.lag ?? 0, strain?.memory ?? 0);
          const sheds = strain?.sheds.join(', ') ?? '';
          return (
            <li key={thread}>
              <div className="row spread">
                <span>Thread {thread}</span>
                <Meter
                  value={level / LEVELS}
                  tone={level > 0 ? 'bad' : 'plain'}
                  label={`Thread ${thread}: ${level} of ${LEVELS} priorities are sent away`}
                />
              </div>
              <div className={sheds === '' ? 'small muted' : 'small tone-bad'}>
                {sheds === '' ? 'serves all priorities' : `sends away ${sheds}`}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** How many were sent away since the start, by why. */
function Refused() {
  const { data } = useQuery({
    queryKey: ['refused'],
    queryFn: async ({ signal }) => {
      const text = await ask<string>('/metrics', { signal, headers: { Accept: 'text/plain' } });
      return readMetrics(text, ['turnpike_errors_total']);
    },
    refetchInterval: 10_000,
    retry: false,
  });
  if (data === undefined) return null;
  const of = (code: string): number => data.find(({ labels }) => labels['code'] === code)?.value ?? 0;
  return (
    <ul className="card strip" aria-label="Refused since the start">
      {REFUSALS.map(([code, about]) => (
        <li key={code}>
          <strong className={`num ${of(code) > 0 ? 'tone-warn' : ''}`}>{count(of(code))}</strong>
          <span className="muted">refused {about}</span>
        </li>
      ))}
    </ul>
  );
}

function limitsOf(routes: readonly ObjectView[]): readonly RouteLimits[] {
  return routes.flatMap(({ name, document }) => {
    const policies = (document['policies'] ?? {}) as Readonly<Record<string, unknown>>;
    const rules = [policies['rateLimit'], policies['concurrency']]
      .flatMap((given) => (Array.isArray(given) ? given : [given]))
      .flatMap(ruleText);
    return rules.length === 0 ? [] : [{ route: name, rules }];
  });
}

function ruleText(given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null)
    return typeof given === 'string' && given !== 'off' ? [given] : [];
  const { limit, per, perMs, by, max } = given as Readonly<Record<string, unknown>>;
  const by_ = typeof by === 'string' ? ` by ${by}` : '';
  if (typeof limit === 'number')
    return [`${limit} in ${typeof per === 'string' ? per : duration(Number(perMs ?? 1000) / 1000)}${by_}`];
  return typeof max === 'number' ? [`${max} at once${by_}`] : [];
}
