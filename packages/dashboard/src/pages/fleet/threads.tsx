import { useMemo, useState } from 'react';
import { ask } from '../../api/client.ts';
import { useStatus } from '../../api/gateway.ts';
import { useQueryClient } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { duration } from '../../ui/format.ts';
import { Card } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge, State } from '../../ui/words.tsx';

type Thread = NonNullable<ReturnType<typeof useStatus>['data']>['threads'][number];

/** The data threads of the gateway that is asked. */
export function Threads() {
  const status = useStatus();
  const client = useQueryClient();
  const [restarting, setRestarting] = useState<number | null>(null);
  const mayRestart = useMay()('admin');
  const columns = useMemo(
    () => [...COLUMNS, ...(mayRestart ? [restartColumn(setRestarting)] : [])],
    [mayRestart],
  );
  return (
    <Loaded of={status}>
      {({ threads, version }) => (
        <Card title="This gateway" aside={<Badge>version {version}</Badge>} isPadded={false}>
          <DataTable
            caption="Threads of this gateway"
            rows={threads}
            columns={columns}
            isDense
            empty={null}
          />
          {restarting !== null && (
            <Confirm
              title={`Restart thread ${restarting}`}
              verb="Restart"
              run={() => ask(`/threads/${restarting}/restart`, { method: 'POST' })}
              onDone={async () => {
                setRestarting(null);
                tell('A new thread has taken its place');
                await client.invalidateQueries();
              }}
              onClose={() => setRestarting(null)}
            >
              Another one takes its place first; then it ends what it has under way. Nothing is cut.
            </Confirm>
          )}
        </Card>
      )}
    </Loaded>
  );
}

const COLUMNS: readonly Column<Thread>[] = [
  {
    id: 'thread',
    title: 'Thread',
    value: ({ thread }) => thread,
    show: ({ thread }) => `Thread ${thread}`,
    isHead: true,
  },
  {
    id: 'state',
    title: 'State',
    value: ({ state }) => state,
    show: ({ state }) => <State state={state} />,
  },
  { id: 'revision', title: 'Configuration', value: ({ revision }) => revision, align: 'end' },
  {
    id: 'alive',
    title: 'Alive for',
    value: ({ aliveMs }) => aliveMs,
    show: ({ aliveMs }) => duration(aliveMs / 1000),
    align: 'end',
  },
  { id: 'deaths', title: 'Replaced', value: ({ deaths }) => deaths, align: 'end', isWideOnly: true },
];

function restartColumn(restart: (thread: number) => void): Column<Thread> {
  return {
    id: 'act',
    isCommand: true,
    title: 'Actions',
    value: () => '',
    align: 'end',
    show: ({ thread }) => (
      <Button size="small" onClick={() => restart(thread)} aria-label={`Restart thread ${thread}`}>
        Restart
      </Button>
    ),
  };
}
