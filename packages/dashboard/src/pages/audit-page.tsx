import { useState } from 'react';
import { ask } from '../api/client.ts';
import { keepPreviousData, useQuery } from '../api/query.ts';
import type { AuditEntry, Page as ListPage } from '../api/types.ts';
import { useQueryValue } from '../router/location.ts';
import { Button } from '../ui/button.tsx';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { SearchField } from '../ui/search.tsx';
import { Loaded, WithDatabase } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { State, Time } from '../ui/words.tsx';

const ACTIONS = [
  'object.put',
  'object.delete',
  'apply',
  'revision.rollback',
  'key.create',
  'key.rotate',
  'key.revoke',
  'token.create',
  'token.delete',
  'rollout.start',
  'cache.purge',
  'login.failed',
];

const COLUMNS: readonly Column<AuditEntry>[] = [
  { id: 'at', title: 'When', value: ({ at }) => at, show: ({ at }) => <Time at={at} /> },
  { id: 'author', title: 'Who', value: ({ author }) => author || 'somebody unknown', isHead: true },
  {
    id: 'action',
    title: 'Did',
    value: ({ action }) => action,
    show: ({ action }) => <span className="mono">{action}</span>,
  },
  {
    id: 'target',
    title: 'To',
    value: ({ target }) => target,
    show: ({ target }) => <span className="mono long">{target}</span>,
  },
  {
    id: 'outcome',
    title: 'Outcome',
    value: ({ outcome }) => outcome,
    show: ({ outcome }) => <State state={outcome} />,
  },
  {
    id: 'revision',
    title: 'Revision',
    value: ({ revision }) => revision,
    show: ({ revision }) => revision && <a href={`#/revisions/${revision}`}>{revision}</a>,
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'address',
    title: 'From',
    value: ({ address }) => address,
    show: ({ address }) => <span className="mono">{address}</span>,
    isWideOnly: true,
  },
  { id: 'detail', title: 'More', value: ({ detail }) => detail, isWideOnly: true },
];

/** Who did what, when, from where, and what came of it. */
export function Page() {
  return (
    <>
      <PageHead title="Audit log" lead="Who did what, when, from where, and what came of it. Refusals too." />
      <WithDatabase what="Audit logs">
        <Log />
      </WithDatabase>
    </>
  );
}

function Log() {
  const [author, setAuthor] = useQueryValue('author');
  const [action, setAction] = useQueryValue('action');
  const [after, setAfter] = useState<string | null>(null);
  const entries = useQuery({
    queryKey: ['audit', author, action, after],
    queryFn: ({ signal }) =>
      ask<ListPage<AuditEntry>>('/v1/audit', { signal, query: { author, action, after, limit: 50 } }),
    placeholderData: keepPreviousData,
    refetchInterval: after === null ? 10_000 : false,
  });
  const known = action === '' || ACTIONS.includes(action) ? ACTIONS : [...ACTIONS, action];
  return (
    <Loaded of={entries} rows={10}>
      {({ items, next }) => (
        <Card isPadded={false}>
          <div className="card-head">
            <SearchField
              label="Who, exactly"
              value={author}
              onChange={(value) => {
                setAfter(null);
                setAuthor(value);
              }}
            />
            <select
              className="input"
              style={{ width: '12rem' }}
              aria-label="Action"
              value={action}
              onChange={(event) => {
                setAfter(null);
                setAction(event.target.value);
              }}
            >
              <option value="">All actions</option>
              {known.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </div>
          <DataTable
            caption="Audit log"
            rows={items}
            columns={COLUMNS}
            empty={<Empty icon="audit" title="Nothing like that was done" />}
          />
          <div className="card-head">
            <Button size="small" disabled={after === null} onClick={() => setAfter(null)}>
              Newest
            </Button>
            <Button size="small" disabled={next === null} onClick={() => setAfter(next)}>
              Older
            </Button>
          </div>
        </Card>
      )}
    </Loaded>
  );
}
