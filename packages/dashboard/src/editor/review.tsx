import { type ReactNode, useState } from 'react';
import { Problem } from '../api/client.ts';
import { useMutation, useQuery, useQueryClient } from '../api/query.ts';
import { useMay } from '../api/rights.ts';
import type { Plan, Selection } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Note } from '../ui/layout.tsx';
import { Loaded, Trouble } from '../ui/states.tsx';
import { tell } from '../ui/toasts.tsx';
import { isDangerous, PlanView } from './plan-view.tsx';
import { stepsOf, useFleet, WAYS } from '../api/rollouts.ts';

/** How a change is tried and made. */
export interface Changing {
  readonly title: string;
  /** What pressing the button does: `Apply`, `Remove`, `Roll back`. */
  readonly verb: string;
  readonly dryRun: () => Promise<Plan>;
  readonly run: (message: string) => Promise<Plan>;
  /** Sends it out step by step; not there: it goes to all at once. */
  readonly rollOut?: (steps: readonly Selection[], message: string) => Promise<Plan>;
  readonly onDone: (plan: Plan) => void;
  readonly onClose: () => void;
}

/** The last step before a change: what differs and what is risky, said by the gateway; then why, and the button. */
export function Review({ title, verb, dryRun, run, rollOut, onDone, onClose }: Changing) {
  const [message, setMessage] = useState('');
  const [way, setWay] = useState('');
  const nodes = useFleet().data?.nodes ?? [];
  const canRollOut = useMay()('admin') && rollOut !== undefined && nodes.length > 1;
  const client = useQueryClient();
  /** What others have changed is loaded, so that who goes back sees it. */
  const seen = async (doing: Promise<Plan>): Promise<Plan> => {
    try {
      return await doing;
    } catch (error) {
      if (isStale(error)) await client.invalidateQueries({ queryKey: ['object'] });
      throw error;
    }
  };
  const plan = useQuery({
    queryKey: ['plan', title],
    queryFn: () => seen(dryRun()),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const change = useMutation({
    mutationFn: () =>
      seen(rollOut !== undefined && way !== '' ? rollOut(stepsOf(way, nodes), message) : run(message)),
    onSuccess: async (done) => {
      const isHeldUp = way === '' && done.served?.now === false;
      tell(<Applied plan={done} isInSteps={way !== ''} />, isHeldUp ? 'bad' : 'ok');
      onDone(done);
      // The plan is done: to ask for it again would only tell that it is not the newest any more.
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'plan' });
    },
  });
  const isRisky = plan.data !== undefined && isDangerous(plan.data.risks);
  return (
    <Dialog
      title={title}
      size="wide"
      onClose={onClose}
      foot={
        <>
          <input
            className="input"
            style={{ flex: '1 1 14rem', width: 'auto' }}
            aria-label="Why, for the history"
            placeholder="Why? For the history (may be empty)"
            value={message}
            maxLength={500}
            onChange={(event) => setMessage(event.target.value)}
          />
          {canRollOut && (
            <select
              className="input"
              style={{ width: 'auto' }}
              aria-label="How it goes out"
              value={way}
              onChange={(event) => setWay(event.target.value)}
            >
              <option value="">to all gateways at once</option>
              {WAYS.map(([value, text]) => (
                <option key={value} value={value}>
                  to {text}
                </option>
              ))}
            </select>
          )}
          <Button onClick={onClose}>Back</Button>
          <Button
            look={isRisky ? 'danger' : 'primary'}
            disabled={!plan.data || plan.data.changes.length === 0 || change.isPending}
            onClick={() => change.mutate()}
          >
            {change.isPending ? 'Working…' : isRisky ? `${verb} all the same` : verb}
          </Button>
        </>
      }
    >
      <div className="stack">
        {change.error && <Failure error={change.error} />}
        {plan.error ? (
          <Failure error={plan.error} />
        ) : (
          <Loaded of={plan}>{(data) => <PlanView plan={data} />}</Loaded>
        )}
      </div>
    </Dialog>
  );
}

function Failure({ error }: { readonly error: unknown }): ReactNode {
  if (!isStale(error)) return <Trouble error={error} />;
  return (
    <Note tone="warn" icon="warn" title="Somebody has changed this meanwhile">
      Nothing was applied, and nothing that you typed is lost. Go back to see what is new, and bring your
      changes over.
    </Note>
  );
}

function isStale(error: unknown): boolean {
  return error instanceof Problem && (error.status === 412 || error.code === 'STALE');
}

function Applied({
  plan: { revision, served },
  isInSteps,
}: {
  readonly plan: Plan;
  readonly isInSteps: boolean;
}): ReactNode {
  if (revision === null) return 'Done. Nothing had to change.';
  if (isInSteps)
    return (
      <>
        Revision {revision} is on its way, step by step: see <a href="#/fleet">Fleet</a>.
      </>
    );
  if (served?.now === false)
    return (
      <>
        <a href={`#/revisions/${revision}`}>Revision {revision}</a> is made, but this gateway does not serve
        it: {served.reason}
      </>
    );
  return (
    <>
      Applied as <a href={`#/revisions/${revision}`}>revision {revision}</a>. It can be rolled back there.
    </>
  );
}
