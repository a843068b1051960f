import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useMutation, useQueryClient } from '../../api/query.ts';
import type { Fleet } from '../../api/rollouts.ts';
import type { Rollout, Selection } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { duration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { Trouble } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';
import { State, Time } from '../../ui/words.tsx';
import { Comparison } from './comparison.tsx';

type Action = 'pause' | 'resume' | 'complete' | 'roll-back';

/** One change on its way: its steps, how those do who have it, and what a person can do about it. */
export function OneRollout({
  rollout,
  nodes,
  maySteer,
}: {
  readonly rollout: Rollout;
  readonly nodes: Fleet['nodes'];
  readonly maySteer: boolean;
}) {
  const { id, revision, base, steps, step, stepMs, state, reason, startedAt, startedBy } = rollout;
  const [confirming, setConfirming] = useState<'complete' | 'roll-back' | null>(null);
  const client = useQueryClient();
  const act = (action: Action): Promise<Rollout> =>
    ask<Rollout>(`/v1/rollouts/${id}/${action}`, { method: 'POST' });
  const quick = useMutation({ mutationFn: act, onSuccess: () => client.invalidateQueries() });
  const isOpen = state === 'running' || state === 'paused';
  const all: readonly (Selection | null)[] = [...steps, null];
  return (
    <li className="rollout">
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
      {isOpen && <Comparison rollout={rollout} nodes={nodes} />}
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
