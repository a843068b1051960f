import { useServiceLoads } from '../../api/gateway.ts';
import type { ServiceLoad } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { count, duration, share } from '../../ui/format.ts';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Meter, State } from '../../ui/words.tsx';

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

/** How much services have to do at once, and their breakers. */
export function ServicesAtWork() {
  return (
    <Loaded of={useServiceLoads()}>
      {(rows) => (
        <Card title="Services" isPadded={false}>
          <DataTable
            caption="Limits of services"
            rows={rows}
            columns={SERVICE_COLUMNS}
            empty={
              <Empty icon="limits" title="No service has a limit or a breaker">
                <code>concurrency: adaptive</code> finds out by itself how much a service can do at once, and
                keeps the rest from it. <code>circuitBreaker</code> spares one that fails.
              </Empty>
            }
          />
        </Card>
      )}
    </Loaded>
  );
}
