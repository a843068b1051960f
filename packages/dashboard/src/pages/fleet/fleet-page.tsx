import { ask } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import type { Page as ListPage, Rollout } from '../../api/types.ts';
import { count, duration, millis, share } from '../../ui/format.ts';
import { type Fleet, useFleet } from '../../api/rollouts.ts';
import { Card, Empty, PageHead } from '../../ui/layout.tsx';
import { Loaded, WithDatabase } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { Rollouts } from './rollouts.tsx';
import { Threads } from './threads.tsx';

/** Gateways that share the database, and the threads of this one. */
export function Page() {
  return (
    <>
      <PageHead
        title="Fleet"
        lead="Gateways that share a database, what they serve, and changes that go out to them step by step."
      />
      <div className="stack">
        <Threads />
        <WithDatabase what="Fleets">
          <Nodes />
        </WithDatabase>
      </div>
    </>
  );
}

/** After so long without a word a gateway is most likely gone: it says one every three seconds. */
const SILENT_MS = 15_000;

function Nodes() {
  const fleet = useFleet(3_000);
  const rollouts = useQuery({
    queryKey: ['rollouts'],
    queryFn: ({ signal }) => ask<ListPage<Rollout>>('/v1/rollouts', { signal, query: { limit: 20 } }),
    refetchInterval: 3_000,
  });
  return (
    <>
      <Loaded of={fleet}>
        {({ nodes, head }) => (
          <Card title="Gateways" aside={<Badge>newest revision {head}</Badge>} isPadded={false}>
            <DataTable
              caption="Gateways"
              rows={nodes}
              columns={nodeColumns(head)}
              empty={
                <Empty icon="fleet" title="No gateway has reported yet">
                  Each says how it does every three seconds.
                </Empty>
              }
            />
          </Card>
        )}
      </Loaded>
      <Loaded of={rollouts}>
        {({ items }) => <Rollouts items={items} nodes={fleet.data?.nodes ?? []} />}
      </Loaded>
    </>
  );
}

type Node = Fleet['nodes'][number];

function nodeColumns(head: number): readonly Column<Node>[] {
  return [
    {
      id: 'name',
      title: 'Gateway',
      value: ({ name }) => name,
      show: ({ name, id }) => <span title={id}>{name}</span>,
      isHead: true,
    },
    {
      id: 'state',
      title: 'Heard',
      value: ({ heartbeatAgeMs }) => heartbeatAgeMs,
      show: ({ heartbeatAgeMs, problem }) =>
        heartbeatAgeMs > SILENT_MS ? (
          <Badge tone="bad">silent for {duration(heartbeatAgeMs / 1000)}</Badge>
        ) : (
          <Badge tone={problem ? 'warn' : 'ok'}>{problem || 'alive'}</Badge>
        ),
    },
    {
      id: 'revision',
      title: 'Revision',
      value: ({ revision }) => revision,
      show: ({ revision, quarantined }) => (
        <span className="row">
          {revision === head ? revision : <Badge tone="warn">{revision}</Badge>}
          {quarantined.length > 0 && (
            <span title={quarantined.join(', ')}>
              <Badge tone="bad">{quarantined.length} quarantined</Badge>
            </span>
          )}
        </span>
      ),
    },
    { id: 'zone', title: 'Zone', value: ({ zone }) => zone, isWideOnly: true },
    {
      id: 'rate',
      title: 'Req/s',
      value: ({ load }) => load.requests,
      show: ({ load }) => count(load.requests / 10),
      align: 'end',
    },
    {
      id: 'errors',
      title: 'Errors',
      value: ({ load }) => load.errors,
      show: ({ load }) => share(load.requests === 0 ? 0 : load.errors / load.requests),
      align: 'end',
    },
    {
      id: 'p99',
      title: 'p99',
      value: ({ load }) => load.p99Ms,
      show: ({ load }) => millis(load.p99Ms),
      align: 'end',
      isWideOnly: true,
    },
    {
      id: 'cpu',
      title: 'Cores',
      value: ({ load }) => load.cpu,
      show: ({ load }) => load.cpu.toFixed(2),
      align: 'end',
      isWideOnly: true,
    },
    {
      id: 'up',
      title: 'Started',
      value: ({ startedAt }) => startedAt,
      show: ({ startedAt }) => <Time at={startedAt} />,
      isWideOnly: true,
    },
  ];
}
