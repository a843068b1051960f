import { useEndpoints } from '../../api/gateway.ts';
import type { Endpoint } from '../../api/types.ts';
import { count, millis } from '../../ui/format.ts';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { State, Time } from '../../ui/words.tsx';

/** How each address of a service does. */
export const ENDPOINT_COLUMNS: readonly Column<Endpoint>[] = [
  {
    id: 'url',
    title: 'Address',
    value: ({ url }) => url,
    show: ({ url }) => <span className="mono long">{url}</span>,
    isHead: true,
  },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => state,
    show: ({ state, reason, isDraining, ejectedUntil }) => (
      <span className="row">
        <State state={isDraining ? 'draining' : state} />
        {reason && <span className="muted small">{reason}</span>}
        {ejectedUntil && (
          <span className="muted small">
            back <Time at={ejectedUntil} />
          </span>
        )}
      </span>
    ),
  },
  { id: 'inflight', title: 'In flight', value: ({ inflight }) => inflight, align: 'end' },
  {
    id: 'latency',
    title: 'Latency',
    value: ({ latencyUs }) => latencyUs,
    show: ({ latencyUs }) => millis(latencyUs / 1000),
    align: 'end',
  },
  {
    id: 'ok',
    title: 'Answered',
    value: ({ ok }) => ok,
    show: ({ ok }) => count(ok),
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'failed',
    title: 'Failed',
    value: ({ failed }) => failed,
    show: ({ failed }) => <span className={failed > 0 ? 'tone-bad' : undefined}>{count(failed)}</span>,
    align: 'end',
    isWideOnly: true,
  },
  { id: 'weight', title: 'Weight', value: ({ weight }) => weight, align: 'end', isWideOnly: true },
  {
    id: 'zone',
    title: 'Zone',
    value: ({ zone }) => zone,
    show: ({ zone }) => zone ?? <span className="muted">–</span>,
    isWideOnly: true,
  },
];

/** All addresses of one service. */
export function ServiceEndpoints({ service }: { readonly service: string }) {
  const endpoints = useEndpoints();
  return (
    <Loaded of={endpoints}>
      {(all) => (
        <Card isPadded={false}>
          <DataTable
            caption={`Endpoints of ${service}`}
            rows={all.filter((one) => one.service === service)}
            columns={ENDPOINT_COLUMNS}
            empty={
              <Empty icon="services" title="There is no endpoint">
                Requests to this service get a 503 until one is written down or discovered.
              </Empty>
            }
          />
        </Card>
      )}
    </Loaded>
  );
}
