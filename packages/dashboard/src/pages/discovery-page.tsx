import { useState } from 'react';
import { ask } from '../api/client.ts';
import { useDiscovery, useInstances } from '../api/gateway.ts';
import { useQueryClient } from '../api/query.ts';
import { useMay } from '../api/rights.ts';
import type { Discovery, Instance } from '../api/types.ts';
import { hrefOf } from '../router/location.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { duration, plural } from '../ui/format.ts';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { Loaded } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { tell } from '../ui/toasts.tsx';
import { Badge, State } from '../ui/words.tsx';

const COLUMNS: readonly Column<Discovery>[] = [
  {
    id: 'service',
    title: 'Service',
    value: ({ service }) => service,
    show: ({ service }) => <a href={hrefOf(['services', service])}>{service}</a>,
    isHead: true,
  },
  {
    id: 'state',
    title: 'State',
    value: ({ problem, pending }) => (problem ? 'failed' : pending ? 'pending' : 'ok'),
    show: ({ problem, pending, from }) =>
      problem ? (
        <Badge tone="bad">silent</Badge>
      ) : pending ? (
        <Badge tone="warn">not believed yet</Badge>
      ) : (
        <Badge tone={from === 'source' ? 'ok' : 'warn'}>
          {from === 'source' ? 'answers' : `from ${from}`}
        </Badge>
      ),
  },
  {
    id: 'source',
    title: 'Registry',
    value: ({ source, address }) => `${source} ${address}`,
    show: ({ source, address }) => (
      <>
        <Badge>{source}</Badge> <span className="mono">{address}</span>
      </>
    ),
  },
  { id: 'endpoints', title: 'Endpoints', value: ({ endpoints }) => endpoints, align: 'end' },
  {
    id: 'age',
    title: 'Heard',
    value: ({ ageSeconds }) => ageSeconds,
    show: ({ ageSeconds }) => (ageSeconds === null ? 'never' : `${duration(ageSeconds)} ago`),
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'about',
    title: 'What is the matter',
    value: ({ problem }) => problem,
    show: ({ problem, pending, refused }) =>
      problem ||
      (pending &&
        `${plural(pending.endpoints, 'endpoint')}: ${pending.reason}, for ${duration(pending.seconds)}`) ||
      (refused > 0 && `${plural(refused, 'entry', 'entries')} could not be used`) || (
        <span className="muted">nothing</span>
      ),
    isWideOnly: true,
  },
];

/** Where endpoints come from that are not written down. */
export function Page() {
  const discovery = useDiscovery();
  const instances = useInstances();
  return (
    <>
      <PageHead
        title="Discovery"
        lead="Where endpoints come from that are not written down. What a registry said last stays in use while it is silent."
      />
      <div className="stack">
        <Loaded of={discovery}>
          {(rows) => (
            <Card title="Registries" isPadded={false}>
              <DataTable
                caption="Registries"
                rows={rows}
                columns={COLUMNS}
                empty={
                  <Empty icon="discovery" title="No service is discovered">
                    DNS, files, Consul, etcd, Kubernetes and instances that register themselves can say where
                    a service is: see <code>discovery</code> of a service.
                  </Empty>
                }
              />
            </Card>
          )}
        </Loaded>
        <Loaded of={instances}>{(rows) => rows.length > 0 && <Instances rows={rows} />}</Loaded>
      </div>
    </>
  );
}

/** Instances that registered themselves, with what is left of their leases. */
function Instances({ rows }: { readonly rows: readonly Instance[] }) {
  const [draining, setDraining] = useState<Instance | null>(null);
  const mayDrain = useMay()('editor');
  const client = useQueryClient();
  const columns: readonly Column<Instance>[] = [
    {
      id: 'id',
      title: 'Instance',
      value: ({ id }) => id,
      show: ({ id }) => <span className="mono">{id}</span>,
      isHead: true,
    },
    {
      id: 'service',
      title: 'Service',
      value: ({ service }) => service,
      show: ({ service }) => <a href={hrefOf(['services', service])}>{service}</a>,
    },
    {
      id: 'url',
      title: 'Address',
      value: ({ endpoint }) => endpoint.url ?? '',
      show: ({ endpoint }) => <span className="mono">{endpoint.url}</span>,
      isWideOnly: true,
    },
    {
      id: 'state',
      title: 'State',
      value: ({ endpoint }) => (endpoint.isDraining === true ? 'draining' : 'active'),
      show: ({ endpoint }) => <State state={endpoint.isDraining === true ? 'draining' : 'active'} />,
    },
    {
      id: 'lease',
      title: 'Lease ends',
      value: ({ expiresInSeconds }) => expiresInSeconds,
      show: ({ expiresInSeconds }) => `in ${duration(expiresInSeconds)}`,
      align: 'end',
    },
    {
      id: 'act',
      isCommand: true,
      title: 'Actions',
      value: () => '',
      align: 'end',
      show: (one) =>
        mayDrain &&
        one.endpoint.isDraining !== true && (
          <Button size="small" onClick={() => setDraining(one)} aria-label={`Drain ${one.id}`}>
            Drain
          </Button>
        ),
    },
  ];
  return (
    <Card title="Registered instances" isPadded={false}>
      <DataTable caption="Registered instances" rows={rows} columns={columns} empty={null} />
      {draining && (
        <Confirm
          title={`Drain ${draining.id}`}
          verb="Drain"
          run={() =>
            ask(
              `/registry/${encodeURIComponent(draining.service)}/${encodeURIComponent(draining.id)}/drain`,
              { method: 'POST' },
            )
          }
          onDone={async () => {
            setDraining(null);
            tell(`${draining.id} gets nothing new`);
            await client.invalidateQueries();
          }}
          onClose={() => setDraining(null)}
        >
          It gets no new requests, and keeps what it has under way.
        </Confirm>
      )}
    </Card>
  );
}
