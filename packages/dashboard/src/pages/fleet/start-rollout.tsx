import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import type { FleetNode, Page, Plan, RevisionSummary } from '../../api/types.ts';
import { Review } from '../../editor/review.tsx';
import { stepsOf, WAYS } from '../../api/rollouts.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Note } from '../../ui/layout.tsx';

/** Sends out the objects as they were at a revision. A new change goes out step by step over the API or the command line. */
export function StartRollout({
  nodes,
  onClose,
}: {
  readonly nodes: readonly FleetNode[];
  readonly onClose: () => void;
}) {
  const revisions = useQuery({
    queryKey: ['revisions', null],
    queryFn: ({ signal }) => ask<Page<RevisionSummary>>('/v1/revisions', { signal, query: { limit: 50 } }),
  });
  const [revision, setRevision] = useState('');
  const [way, setWay] = useState<string>(WAYS[0][0]);
  const [minutes, setMinutes] = useState('5');
  const [isReviewing, setReviewing] = useState(false);
  const stepMs = Math.max(1, Number(minutes)) * 60_000;
  const send = (isDryRun: boolean, message: string): Promise<Plan> =>
    ask<Plan>('/v1/rollouts', {
      method: 'POST',
      query: { dryRun: isDryRun ? true : null },
      body: { revision: Number(revision), steps: stepsOf(way, nodes), stepMs, ...(message && { message }) },
    });
  if (isReviewing)
    return (
      <Review
        title={`Roll out revision ${revision} step by step`}
        verb="Start"
        dryRun={() => send(true, '')}
        run={(message) => send(false, message)}
        onDone={onClose}
        onClose={() => setReviewing(false)}
      />
    );
  return (
    <Dialog
      title="New roll-out"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={revision === '' || !(Number(minutes) > 0)}
            onClick={() => setReviewing(true)}
          >
            Review
          </Button>
        </>
      }
    >
      <div className="stack">
        <Note title="Objects as they were at a revision go out in steps">
          Each step is compared with the gateways that do not have it yet. If it does worse, all go back by
          themselves.
        </Note>
        <div className="field">
          <label className="field-label" htmlFor="rollout-revision">
            Revision
          </label>
          <select
            id="rollout-revision"
            className="input"
            value={revision}
            onChange={(event) => setRevision(event.target.value)}
          >
            <option value="">Choose…</option>
            {revisions.data?.items.slice(1).map(({ number, message, author }) => (
              <option key={number} value={number}>
                {number}: {message || `by ${author}`}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label className="field-label" htmlFor="rollout-way">
            Steps
          </label>
          <select
            id="rollout-way"
            className="input"
            value={way}
            onChange={(event) => setWay(event.target.value)}
          >
            {WAYS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label className="field-label" htmlFor="rollout-minutes">
            Minutes for each step
          </label>
          <input
            id="rollout-minutes"
            className="input"
            inputMode="numeric"
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
        </div>
      </div>
    </Dialog>
  );
}
