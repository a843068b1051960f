import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import type { FleetNode, Page, Plan, RevisionSummary } from '../../api/types.ts';
import { Review } from '../../editor/review.tsx';
import { stepsOf, WAYS } from '../../api/rollouts.ts';
import { SelectField, TextField } from '../../ui/fields.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
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
  const stepMs = Number(minutes) * 60_000;
  const choices = [
    ['', 'Choose…'] as const,
    ...(revisions.data?.items ?? [])
      .slice(1)
      .map(
        ({ number, message, author }) => [String(number), `${number}: ${message || `by ${author}`}`] as const,
      ),
  ];
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
    <FormDialog
      title="New roll-out"
      verb="Review"
      isReady={revision !== '' && Number(minutes) > 0}
      run={async () => setReviewing(true)}
      onDone={() => {}}
      onClose={onClose}
    >
      <Note title="Objects as they were at a revision go out in steps">
        Each step is compared with the gateways that do not have it yet. If it does worse, all go back by
        themselves.
      </Note>
      <SelectField label="Revision" value={revision} onChange={setRevision} choices={choices} />
      <SelectField label="Steps" value={way} onChange={setWay} choices={WAYS} />
      <TextField label="Minutes for each step" inputMode="decimal" value={minutes} onChange={setMinutes} />
    </FormDialog>
  );
}
