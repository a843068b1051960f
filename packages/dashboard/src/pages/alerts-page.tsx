import { useAlerts } from '../api/gateway.ts';
import type { Alert } from '../api/types.ts';
import { useQueryValue } from '../router/location.ts';
import { Segments } from '../ui/button.tsx';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { Loaded } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { Badge, State, Time } from '../ui/words.tsx';

const ORDER: Readonly<Record<string, number>> = { firing: 0, pending: 1 };

const COLUMNS: readonly Column<Alert>[] = [
  { id: 'alert', title: 'Alert', value: ({ alert }) => alert, isHead: true },
  { id: 'state', title: 'State', value: ({ state }) => state, show: ({ state }) => <State state={state} /> },
  {
    id: 'severity',
    title: 'Severity',
    value: ({ severity }) => severity,
    show: ({ severity }) => severity && <Badge>{severity}</Badge>,
  },
  { id: 'text', title: 'What it sees', value: ({ text }) => text },
  {
    id: 'value',
    title: 'Value',
    value: ({ value }) => value,
    show: ({ value }) => (value === null ? '–' : value.toPrecision(3)),
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'since',
    title: 'Firing since',
    value: ({ firingSince }) => firingSince,
    show: ({ firingSince }) =>
      firingSince === null ? <span className="muted">–</span> : <Time at={firingSince} />,
    isWideOnly: true,
  },
];

const HOW = `telemetry:
  alerts:
    - name: orders fail
      when: { route: orders, slo: 99.9%, window: 30d }
      notify: "\${env:ALERT_URL}"`;

/** Where each alert of the configuration stands. */
export function Page() {
  const alerts = useAlerts();
  const [state, setState] = useQueryValue('state', 'all');
  return (
    <>
      <PageHead
        title="Alerts"
        lead="Objectives and thresholds that this gateway watches by itself, and whom it tells."
      />
      <Loaded of={alerts}>
        {(all) => {
          const rows = all
            .filter((alert) => state === 'all' || alert.state === state)
            .toSorted((one, other) => (ORDER[one.state] ?? 2) - (ORDER[other.state] ?? 2));
          return (
            <Card
              title="All alerts"
              isPadded={false}
              aside={
                <Segments
                  label="State"
                  value={state}
                  choices={[
                    ['all', 'All'],
                    ['firing', 'Firing'],
                    ['pending', 'Pending'],
                  ]}
                  onChange={setState}
                />
              }
            >
              <DataTable
                caption="Alerts"
                rows={rows}
                columns={COLUMNS}
                empty={
                  all.length === 0 ? (
                    <>
                      <Empty icon="alerts" title="Nothing is watched yet">
                        Write down what must hold, and the gateway tells when it does not: on this page, in
                        metrics and by webhook.
                      </Empty>
                      <div className="card-body">
                        <pre className="code">{HOW}</pre>
                      </div>
                    </>
                  ) : (
                    <Empty icon="ok" title="None in this state">
                      All other alerts are quiet.
                    </Empty>
                  )
                }
              />
            </Card>
          );
        }}
      </Loaded>
    </>
  );
}
