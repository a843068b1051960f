import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import type { ObjectDiff, Page as ListPage, Plan, RevisionSummary } from '../../api/types.ts';
import { Changes, Risks } from '../../editor/plan-view.tsx';
import { Review } from '../../editor/review.tsx';
import { go, useQueryValue } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { Note, PageHead } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { Badge, Time } from '../../ui/words.tsx';

interface Revision extends RevisionSummary {
  readonly changes: readonly ObjectDiff[];
}

/** One change: what it did, how it differs from others, and the way back to it. */
export function RevisionDetail({ number }: { readonly number: number }) {
  const [to, setTo] = useQueryValue('to');
  const mayRollBack = useMay()('editor');
  const [isRollingBack, setRollingBack] = useState(false);
  const revision = useQuery({
    queryKey: ['revision', number],
    queryFn: ({ signal }) => ask<Revision>(`/v1/revisions/${number}`, { signal }),
  });
  const others = useQuery({
    queryKey: ['revisions', null],
    queryFn: ({ signal }) =>
      ask<ListPage<RevisionSummary>>('/v1/revisions', { signal, query: { limit: 50 } }),
  });
  const head = others.data?.items[0]?.number;
  return (
    <>
      <PageHead
        title={`Revision ${number}`}
        crumb={<a href="#/revisions">Revisions</a>}
        lead={revision.data && <About revision={revision.data} />}
      >
        <select
          className="input"
          style={{ width: 'auto' }}
          aria-label="Compare with"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        >
          <option value="">What it changed</option>
          {others.data?.items
            .filter((other) => other.number !== number)
            .map((other) => (
              <option key={other.number} value={other.number}>
                Compare with {other.number}
              </option>
            ))}
        </select>
        {mayRollBack && head !== undefined && head !== number && (
          <Button icon="back" onClick={() => setRollingBack(true)}>
            Roll back to this
          </Button>
        )}
      </PageHead>
      <Loaded of={revision}>
        {(data) =>
          to === '' ? (
            <WhatItDid changes={data.changes} risks={data.risks} />
          ) : (
            <Comparison from={number} to={Number(to)} />
          )
        }
      </Loaded>
      {isRollingBack && (
        <Review
          title={`Roll back to revision ${number}`}
          verb="Roll back"
          dryRun={() =>
            ask<Plan>(`/v1/revisions/${number}/rollback`, { method: 'POST', query: { dryRun: true } })
          }
          run={(message) =>
            ask<Plan>(`/v1/revisions/${number}/rollback`, { method: 'POST', query: { message } })
          }
          onDone={(plan) => {
            setRollingBack(false);
            if (plan.revision !== null) go(`#/revisions/${plan.revision}`);
          }}
          onClose={() => setRollingBack(false)}
        />
      )}
    </>
  );
}

function About({ revision }: { readonly revision: Revision }) {
  const { author, at, message, origin, address } = revision;
  return (
    <>
      By {author}
      {address && ` from ${address}`}, <Time at={at} /> <Badge>{origin}</Badge> {message}
    </>
  );
}

function WhatItDid({
  changes,
  risks,
}: {
  readonly changes: readonly ObjectDiff[];
  readonly risks: Revision['risks'];
}) {
  return (
    <div className="stack">
      <Risks risks={risks} />
      {changes.length === 0 && (
        <Note title="Nothing that you may see">It changed objects of other workspaces.</Note>
      )}
      <Changes of={changes} />
    </div>
  );
}

function Comparison({ from, to }: { readonly from: number; readonly to: number }) {
  const diff = useQuery({
    queryKey: ['diff', from, to],
    queryFn: ({ signal }) =>
      ask<{ readonly changes: readonly ObjectDiff[] }>(`/v1/revisions/${from}/diff`, {
        signal,
        query: { to },
      }),
  });
  return (
    <Loaded of={diff}>
      {({ changes }) => (
        <div className="stack">
          <Note title={`From revision ${from} to revision ${to}`}>
            What one would have to change to come from the first to the other.
          </Note>
          {changes.length === 0 && <Note icon="ok" title="They mean the same" />}
          <Changes of={changes} />
        </div>
      )}
    </Loaded>
  );
}
