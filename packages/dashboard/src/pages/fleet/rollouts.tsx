import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMutation, useQueryClient } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import type { FleetNode, Rollout, Selection } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { duration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Card, Empty } from '../../ui/layout.tsx';
import { Trouble } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';
import { State, Time } from '../../ui/words.tsx';
import { StartRollout } from './start-rollout.tsx';

/** Changes on their way, and those that have been. */
export function Rollouts({
  items,
  nodes,
}: {
  readonly items: readonly Rollout[];
  readonly nodes: readonly FleetNode[];
}) {
  const [isStarting, setStarting] = useState(false);
  const maySteer = useMay()('admin');
  const isBusy = items.some(({ state }) => state === 'running' || state === 'paused');
  return (
    <Card
      title="Roll-outs"
      isPadded={false}
      aside={
        maySteer && (
          <Button size="small" icon="plus" disabled={isBusy} onClick={() => setStarting(true)}>
            New roll-out
          </Button>
        )
      }
    >
      {items.length === 0 && (
        <Empty icon="fleet" title="None so far">
          A change can go to a few gateways first. They are watched, and if they do worse than the others it
          is rolled back by itself.
        </Empty>
      )}
      <ul>
        {items.map((rollout) => (
          <One key={rollout.id} rollout={rollout} maySteer={maySteer} />
        ))}
      </ul>
      {isStarting && <StartRollout nodes={nodes} onClose={() => setStarting(false)} />}
    </Card>
  );
}

type Action = 'pause' | 'resume' | 'complete' | 'roll-back';

function One({ rollout, maySteer }: { readonly rollout: Rollout; readonly maySteer: boolean }) {
  const { id, revision, base, steps, step, stepMs, state, reason, startedAt, startedBy } = rollout;
  const [confirming, setConfirming] = useState<'complete' | 'roll-back' | null>(null);
  const client = useQueryClient();
  const act = (action: Action): Promise<Rollout> =>
    ask<Rollout>(`/v1/rollouts/${id}/${action}`, { method: 'POST' });
  const quick = useMutation({ mutationFn: act, onSuccess: () => client.invalidateQueries() });
  const isOpen = state === 'running' || state === 'paused';
  const all: readonly (Selection | null)[] = [...steps, null];
  return (
    <li className="card-body" style={{ paddingTop: 'var(--s3)', borderTop: '1px solid var(--line)' }}>
      <div className="row spread">
        <div className="row">
          <strong>
            Revision <a href={`#/revisions/${revision}`}>{revision}</a> in place of {base}
          </strong>
          <State state={state} />
          <span className="muted">
            by {startedBy}, <Time at={startedAt} />
          </span>
          {reason && <span className="muted">{reason}</span>}
        </div>
        {isOpen && maySteer && (
          <div className="row">
            {state === 'running' ? (
              <Button size="small" icon="pause" onClick={() => quick.mutate('pause')}>
                Pause
              </Button>
            ) : (
              <Button size="small" icon="play" onClick={() => quick.mutate('resume')}>
                Go on
              </Button>
            )}
            <Button size="small" onClick={() => setConfirming('complete')}>
              Complete
            </Button>
            <Button size="small" onClick={() => setConfirming('roll-back')}>
              Roll back
            </Button>
          </div>
        )}
      </div>
      {quick.error && <Trouble error={quick.error} />}
      <ol className="row" aria-label="Steps" style={{ marginTop: 'var(--s2)' }}>
        {all.map((selection, index) => (
          <li
            key={index}
            className={index <= step || state === 'completed' ? 'badge' : 'badge muted'}
            data-tone={
              state === 'completed' || index < step ? 'ok' : index === step && isOpen ? 'accent' : undefined
            }
            aria-current={index === step && isOpen ? 'step' : undefined}
          >
            {(state === 'completed' || index < step) && <Icon name="check" />}
            {nameOf(selection)}
          </li>
        ))}
        <li className="muted small">{duration(stepMs / 1000)} each</li>
      </ol>
      {confirming && (
        <Confirm
          title={confirming === 'complete' ? 'Send it to all gateways now' : `Go back to revision ${base}`}
          verb={confirming === 'complete' ? 'Complete' : 'Roll back'}
          isDangerous={confirming === 'roll-back'}
          run={() => act(confirming)}
          onDone={async () => {
            setConfirming(null);
            tell(confirming === 'complete' ? 'It goes to all gateways' : 'It is rolled back');
            await client.invalidateQueries();
          }}
          onClose={() => setConfirming(null)}
        >
          {confirming === 'complete'
            ? 'The steps that are left are skipped, and nobody compares any more.'
            : 'All gateways go back to what they served before. The change stays in the history.'}
        </Confirm>
      )}
    </li>
  );
}

function nameOf(selection: Selection | null): string {
  if (selection === null) return 'all';
  if (selection.kind === 'percent') return `${selection.percent}%`;
  return selection.kind === 'zones'
    ? `zones ${selection.zones.join(', ')}`
    : `${selection.nodes.length} gateways`;
}
