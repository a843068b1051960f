import { useState } from 'react';
import { ask } from '../../api/client.ts';
import { keepPreviousData, useQuery } from '../../api/query.ts';
import type { Page as ListPage, RevisionSummary, Risk } from '../../api/types.ts';
import { usePlace } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { plural } from '../../ui/format.ts';
import { Card, Empty, PageHead } from '../../ui/layout.tsx';
import { Loaded, WithDatabase } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { RevisionDetail } from './revision-detail.tsx';

/** Every change is a revision, and none is lost. */
export function Page() {
  const { path } = usePlace();
  const number = Number(path[1]);
  if (Number.isInteger(number) && number > 0) return <RevisionDetail key={number} number={number} />;
  return (
    <>
      <PageHead
        title="Revisions"
        lead="Every change is one. Rolling back makes a new revision with what was, so nothing is lost."
      />
      <WithDatabase what="Revisions">
        <List />
      </WithDatabase>
    </>
  );
}

/** The gravest first, and only that. */
export function RiskBadge({ risks }: { readonly risks: readonly Risk[] }) {
  const worst = (['high', 'medium', 'low'] as const).find((level) =>
    risks.some((risk) => risk.level === level),
  );
  if (worst === undefined) return <span className="muted">none</span>;
  return (
    <Badge
      tone={worst === 'high' ? 'bad' : worst === 'medium' ? 'warn' : 'plain'}
      icon={worst === 'low' ? 'info' : 'warn'}
    >
      {worst}
    </Badge>
  );
}

const COLUMNS: readonly Column<RevisionSummary>[] = [
  {
    id: 'number',
    title: 'Revision',
    value: ({ number }) => number,
    show: ({ number }) => <a href={`#/revisions/${number}`}>{number}</a>,
    isHead: true,
  },
  { id: 'at', title: 'When', value: ({ at }) => at, show: ({ at }) => <Time at={at} /> },
  { id: 'author', title: 'Who', value: ({ author }) => author },
  {
    id: 'message',
    title: 'Why',
    value: ({ message }) => message,
    show: ({ message }) => message || <span className="muted">–</span>,
  },
  {
    id: 'changes',
    title: 'Changes',
    value: ({ changeCount }) => changeCount,
    show: ({ changeCount }) => plural(changeCount, 'object'),
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'risks',
    title: 'Risk',
    value: ({ risks }) => risks.length,
    show: ({ risks }) => <RiskBadge risks={risks} />,
  },
  {
    id: 'origin',
    title: 'By',
    value: ({ origin }) => origin,
    show: ({ origin }) => <Badge>{origin}</Badge>,
    isWideOnly: true,
  },
];

function List() {
  const [after, setAfter] = useState<string | null>(null);
  const revisions = useQuery({
    queryKey: ['revisions', after],
    queryFn: ({ signal }) =>
      ask<ListPage<RevisionSummary>>('/v1/revisions', { signal, query: { limit: 50, after } }),
    placeholderData: keepPreviousData,
    refetchInterval: after === null ? 10_000 : false,
  });
  return (
    <Loaded of={revisions} rows={8}>
      {({ items, next }) => (
        <Card isPadded={false}>
          <DataTable
            caption="Revisions"
            rows={items}
            columns={COLUMNS}
            empty={
              <Empty icon="revisions" title="Nothing was changed yet">
                The first route, service or consumer that is made here or over the API is revision 1.
              </Empty>
            }
          />
          {(next !== null || after !== null) && (
            <div className="card-head">
              <Button size="small" disabled={after === null} onClick={() => setAfter(null)}>
                Newest
              </Button>
              <Button size="small" disabled={next === null} onClick={() => setAfter(next)}>
                Older
              </Button>
            </div>
          )}
        </Card>
      )}
    </Loaded>
  );
}
