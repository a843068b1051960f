import { useMemo, useState } from 'react';
import { ask } from '../api/client.ts';
import { useAlerts } from '../api/gateway.ts';
import { useMutation, useQueryClient } from '../api/query.ts';
import { useMay } from '../api/rights.ts';
import type { Alert, Silence } from '../api/types.ts';
import { useQueryValue } from '../router/location.ts';
import { Button, Segments } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/fields.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { epochOf, moment } from '../ui/format.ts';
import { Card, Empty, Note, PageHead } from '../ui/layout.tsx';
import { Loaded, Trouble } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { tell } from '../ui/toasts.tsx';
import { Badge, State, Time } from '../ui/words.tsx';

const SILENCES = '/alerts/silences';

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
  const maySilence = useMay()('editor');
  const columns = useMemo(
    () => (maySilence ? [...COLUMNS, silenceColumn(setSilencing)] : COLUMNS),
    [maySilence],
  );
  return (
    <>
      <PageHead
        title="Alerts"
        lead="Objectives and thresholds that this gateway watches by itself, and whom it tells."
      />
      <Loaded of={alerts}>
        {(all) => {
          const silences = all.flatMap(({ silence }) => silence ?? []);
          const rows = all
            .filter((alert) => state === 'all' || alert.state === state)
            .toSorted((one, other) => (ORDER[one.state] ?? 3) - (ORDER[other.state] ?? 3));
          return (
            <div className="stack">
              {silences.map((silence) => (
                <Silenced key={silence.id} silence={silence} />
              ))}
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
            </div>
          );
        }}
      </Loaded>
      {silencing !== null && <Silencing alert={silencing} onClose={() => setSilencing(null)} />}
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
        <Button size="small" onClick={() => silence(alert)} aria-label={`Silence ${alert}`}>
          Silence…
        </Button>
      </span>
    ),
  };
}

const SPANS = [
  ['30m', 'for half an hour'],
  ['1h', 'for an hour'],
  ['4h', 'for four hours'],
  ['1d', 'for a day'],
  ['7d', 'for a week'],
] as const;

/** Asks for silence: for how long, and why. Nothing that was told is taken back. */
function Silencing({ alert, onClose }: { readonly alert: string; readonly onClose: () => void }) {
  const [span, setSpan] = useState<string>('1h');
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  return (
    <FormDialog
      title={`Silence “${alert}”`}
      verb="Silence"
      isReady={reason.trim() !== ''}
      run={() => ask(SILENCES, { method: 'POST', body: { alert, for: span, reason: reason.trim() } })}
      onDone={async () => {
        onClose();
        tell(`“${alert}” is silenced`);
        await client.invalidateQueries({ queryKey: ['live', '/alerts'] });
      }}
      onClose={onClose}
    >
      <p>
        Nothing new is told meanwhile, on all gateways that share a database; what still fires at the end is
        told then.
      </p>
      <SelectField label="How long" value={span} onChange={setSpan} choices={SPANS} />
      <TextField
        label="Reason"
        hint="Whoever comes next reads it here."
        value={reason}
        onChange={setReason}
        maxLength={500}
        required
      />
    </FormDialog>
  );
}

/** Who silenced it, until when and why; whoever may can end it. */
function Silenced({ silence: { id, alert, author, until, reason } }: { readonly silence: Silence }) {
  const client = useQueryClient();
  const mayEnd = useMay()('editor');
  const ending = useMutation({
    mutationFn: () => ask(`${SILENCES}/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onSuccess: async () => {
      tell(`“${alert}” is heard again`);
      await client.invalidateQueries({ queryKey: ['live', '/alerts'] });
    },
  });
  return (
    <Note
      icon="alerts"
      title={`“${alert}” is silenced`}
      action={
        mayEnd && (
          <Button
            size="small"
            disabled={ending.isPending}
            onClick={() => ending.mutate()}
            aria-label={`End the silence of ${alert}`}
          >
            End
          </Button>
        )
      }
    >
      <p>
        By {author} until {moment(epochOf(until))}: {reason}
      </p>
      {ending.error && <Trouble error={ending.error} />}
    </Note>
  );
}
