import { type ReactNode, useState } from 'react';
import { ask } from '../../api/client.ts';
import { keepPreviousData, useMutation, useQuery } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import type { AtOnceView, LimitState, LimitView } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/fields.tsx';
import { count, duration, share } from '../../ui/format.ts';
import { Facts, Note } from '../../ui/layout.tsx';
import { Loaded, Trouble } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge, Meter } from '../../ui/words.tsx';

type Values = readonly string[];

/** How often a key that is looked at is looked at again. */
const AGAIN_MS = 2_000;

/** What a key of a rate has left; an editor can let it start afresh. */
export function RateWindow({ limit, onClose }: { readonly limit: LimitView; readonly onClose: () => void }) {
  const [plan, setPlan] = useState('');
  const [asked, setAsked] = useState<Values | null>(limit.keyParts.length === 0 ? [] : null);
  const path = `/limits/${encodeURIComponent(limit.route)}/${encodeURIComponent(limit.limit)}`;
  const mayReset = useMay()('editor');
  const state = useQuery({
    queryKey: ['limit', path, asked, plan],
    queryFn: ({ signal }) => ask<LimitState>(path, { signal, query: { key: asked ?? [], plan } }),
    enabled: asked !== null,
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const reset = useMutation({
    mutationFn: (key: Values) => ask(path, { method: 'DELETE', query: { key } }),
    onSuccess: async () => {
      tell('It starts afresh, on all gateways that count together');
      await state.refetch();
    },
  });
  return (
    <Dialog
      title={`${limit.limit} of ${limit.route}`}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Close</Button>
          {mayReset && (
            <Button
              disabled={asked === null || !state.data || reset.isPending}
              onClick={() => asked && reset.mutate(asked)}
            >
              Let it start afresh
            </Button>
          )}
        </>
      }
    >
      <KeyForm parts={limit.keyParts} onAsk={setAsked}>
        {limit.quotaFrom?.kind === 'plan' && (
          <TextField
            label="Plan"
            hint={`Where the consumer does not say it: ${Object.keys(limit.quotaFrom.plans).join(', ')}.`}
            value={plan}
            onChange={setPlan}
          />
        )}
      </KeyForm>
      {reset.error && <Trouble error={reset.error} />}
      {asked !== null && (
        <Loaded of={state} rows={3}>
          {(now) => <Standing state={now} />}
        </Loaded>
      )}
    </Dialog>
  );
}

function Standing({ state }: { readonly state: LimitState }) {
  const { quota, remaining, resetSeconds, limited, mode, store, degraded } = state;
  const used = quota === 0 ? 1 : 1 - remaining / quota;
  return (
    <div className="stack" role="status">
      {degraded && (
        <Note tone="warn" icon="warn" title={`${store} does not answer`}>
          This is what the limit does meanwhile.
        </Note>
      )}
      <Facts
        of={[
          [
            'Now',
            <Badge tone={limited ? 'bad' : 'ok'}>
              {limited ? (mode === 'report' ? 'would be refused' : 'refused') : 'has room'}
            </Badge>,
          ],
          [
            'Left',
            <span className="row">
              <Meter value={used} tone={limited ? 'bad' : 'plain'} label={`${share(used)} used`} />
              {count(remaining)} of {count(quota)}
            </span>,
          ],
          ['One more in', resetSeconds === 0 ? 'nothing is used' : duration(Math.ceil(resetSeconds))],
          ['Counted in', store],
        ]}
      />
    </div>
  );
}

/** How many requests of a key are under way in this gateway. */
export function AtOnceWindow({
  limit,
  onClose,
}: {
  readonly limit: AtOnceView;
  readonly onClose: () => void;
}) {
  const [asked, setAsked] = useState<Values | null>(limit.keyParts.length === 0 ? [] : null);
  const state = useQuery({
    queryKey: ['at-once', limit.route, asked],
    queryFn: ({ signal }) =>
      ask<{ readonly limit: number; readonly inUse: number }>(
        `/concurrency/${encodeURIComponent(limit.route)}`,
        {
          signal,
          query: { key: asked ?? [] },
        },
      ),
    enabled: asked !== null,
    refetchInterval: AGAIN_MS,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Dialog
      title={`At once on ${limit.route}`}
      onClose={onClose}
      foot={<Button onClick={onClose}>Close</Button>}
    >
      <KeyForm parts={limit.keyParts} onAsk={setAsked} />
      {asked !== null && (
        <Loaded of={state} rows={1}>
          {({ inUse, limit: most }) => (
            <p className="row" role="status">
              <Meter value={inUse / most} label={`${share(inUse / most)} of the limit`} />
              {count(inUse)} of {count(most)} under way in this gateway
            </p>
          )}
        </Loaded>
      )}
    </Dialog>
  );
}

const HINTS: Readonly<Record<string, string>> = {
  ip: 'An address, such as 203.0.113.7. IPv6 stands for its /64.',
  identity: 'Provider and subject, such as consumers:acme.',
  consumer: 'The name of a consumer.',
};

/** The values that name a key. Gateways keep only hashes of keys, so none can be listed. */
function KeyForm({
  parts,
  onAsk,
  children,
}: {
  readonly parts: readonly string[];
  readonly onAsk: (values: Values) => void;
  readonly children?: ReactNode;
}) {
  const [values, setValues] = useState<Values>(() => parts.map(() => ''));
  if (parts.length === 0) return children;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    onAsk(values.map((value) => value.trim()));
  };
  return (
    <form className="stack key-form" onSubmit={submit}>
      {parts.map((part, index) => (
        <TextField
          key={part}
          label={part}
          hint={HINTS[part] ?? 'Empty: requests without it, where they share a limit.'}
          value={values[index] ?? ''}
          onChange={(value) => setValues(values.with(index, value))}
          isMono
          autoFocus={index === 0}
        />
      ))}
      {children}
      <div>
        <Button type="submit" look="primary">
          Look up
        </Button>
      </div>
    </form>
  );
}
