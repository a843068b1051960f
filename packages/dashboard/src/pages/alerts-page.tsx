import { useMemo, useState } from 'react';
import { useAlerts } from '../api/gateway.ts';
import type { Alert } from '../api/types.ts';
import { useQueryValue } from '../router/location.ts';
import { Button, Segments } from '../ui/button.tsx';
import { CopyText } from '../ui/copy-text.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/fields.tsx';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { Loaded } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { Badge, State, Time } from '../ui/words.tsx';

const ORDER: Readonly<Record<string, number>> = { firing: 0, pending: 1, silenced: 2 };

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
  const [silencing, setSilencing] = useState<string | null>(null);
  const columns = useMemo(() => [...COLUMNS, silenceColumn(setSilencing)], []);
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
            .toSorted((one, other) => (ORDER[one.state] ?? 3) - (ORDER[other.state] ?? 3));
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
                    ['silenced', 'Silenced'],
                  ]}
                  onChange={setState}
                />
              }
            >
              <DataTable
                caption="Alerts"
                rows={rows}
                columns={columns}
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
      {silencing !== null && <Silence alert={silencing} onClose={() => setSilencing(null)} />}
    </>
  );
}

function silenceColumn(silence: (alert: string) => void): Column<Alert> {
  return {
    id: 'act',
    isCommand: true,
    title: 'Actions',
    value: () => '',
    align: 'end',
    show: ({ alert }) => (
      <span className="row-acts">
        <Button size="small" onClick={() => silence(alert)} aria-label={`How to silence ${alert}`}>
          Silence…
        </Button>
      </span>
    ),
  };
}

const SPANS = [
  ['1', 'for an hour'],
  ['4', 'for four hours'],
  ['24', 'for a day'],
  ['168', 'for a week'],
] as const;

/** To the second, in UTC (RFC 3339). */
function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Alerts stand in files, and so do their silences: what to write is made here, and the gateway takes the file at once. */
function Silence({ alert, onClose }: { readonly alert: string; readonly onClose: () => void }) {
  const [hours, setHours] = useState<string>('1');
  const [start] = useState(() => Date.now());
  const line = `silence: [{ from: ${stamp(start)}, to: ${stamp(start + Number(hours) * 3_600_000)} }]`;
  return (
    <Dialog
      title={`Silence “${alert}”`}
      onClose={onClose}
      foot={
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      <div className="stack">
        <p>
          Alerts stand in a file of the configuration. Write this beside <code>when</code> of this one; the
          gateway sees it as soon as the file is saved. Nothing new is told then, and what still fires at the
          end is told then.
        </p>
        <SelectField label="How long" value={hours} onChange={setHours} choices={SPANS} />
        <CopyText label="What to write" text={line} />
      </div>
    </Dialog>
  );
}
