import { useState } from 'react';
import { ask } from '../api/client.ts';
import { useCacheStats } from '../api/gateway.ts';
import { useQuery, useQueryClient } from '../api/query.ts';
import { useMay } from '../api/rights.ts';
import type { CacheEntry, CacheStats } from '../api/types.ts';
import { hrefOf, useQueryValue } from '../router/location.ts';
import { Button, Segments } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { bytes, count, duration, share } from '../ui/format.ts';
import { Card, Empty, PageHead } from '../ui/layout.tsx';
import { Loaded } from '../ui/states.tsx';
import { type Column, DataTable } from '../ui/table.tsx';
import { tell } from '../ui/toasts.tsx';
import { Meter, State } from '../ui/words.tsx';

type Route = CacheStats['routes'][number];
type Memory = CacheStats['memories'][number];

const ROUTE_COLUMNS: readonly Column<Route>[] = [
  {
    id: 'route',
    title: 'Route',
    value: ({ route }) => route,
    show: ({ route }) => <a href={hrefOf(['routes', route])}>{route}</a>,
    isHead: true,
  },
  {
    id: 'ratio',
    title: 'Hit ratio',
    value: ({ hitRatio }) => hitRatio,
    show: ({ hitRatio }) =>
      hitRatio === null ? (
        <span className="muted">no requests</span>
      ) : (
        <span className="row" style={{ flexWrap: 'nowrap' }}>
          <Meter value={hitRatio} label={`Hit ratio ${share(hitRatio)}`} /> {share(hitRatio)}
        </span>
      ),
  },
  ...(['hit', 'stale', 'coalesced', 'revalidated', 'miss', 'pass'] as const).map((result): Column<Route> => ({
    id: result,
    title: result[0]?.toUpperCase() + result.slice(1),
    value: ({ results }) => results[result] ?? 0,
    show: ({ results }) => count(results[result] ?? 0),
    align: 'end',
    isWideOnly: result !== 'hit' && result !== 'miss',
  })),
  {
    id: 'bytes',
    title: 'From memory',
    value: ({ bytesServed }) => bytesServed,
    show: ({ bytesServed }) => bytes(bytesServed),
    align: 'end',
    isWideOnly: true,
  },
];

const MEMORY_COLUMNS: readonly Column<Memory>[] = [
  {
    id: 'memory',
    title: 'Memory',
    value: ({ memory }) => memory,
    show: ({ memory }) => (memory === '*' ? 'shared' : memory),
    isHead: true,
  },
  {
    id: 'used',
    title: 'Used',
    value: ({ usedBytes }) => usedBytes,
    show: ({ usedBytes, capacityBytes }) => (
      <span className="row" style={{ flexWrap: 'nowrap' }}>
        <Meter value={usedBytes / capacityBytes} label={`Used ${share(usedBytes / capacityBytes)}`} />{' '}
        {bytes(usedBytes)} of {bytes(capacityBytes)}
      </span>
    ),
  },
  {
    id: 'entries',
    title: 'Entries',
    value: ({ entries }) => entries,
    show: ({ entries }) => count(entries),
    align: 'end',
  },
  {
    id: 'evictions',
    title: 'Evicted',
    value: ({ evictions }) => evictions,
    show: ({ evictions }) => count(evictions),
    align: 'end',
    isWideOnly: true,
  },
  {
    id: 'rejections',
    title: 'Rejected',
    value: ({ rejections }) => rejections,
    show: ({ rejections }) => count(rejections),
    align: 'end',
    isWideOnly: true,
  },
  { id: 'purges', title: 'Purges', value: ({ purges }) => purges, align: 'end', isWideOnly: true },
];

const ENTRY_COLUMNS: readonly Column<CacheEntry>[] = [
  {
    id: 'address',
    title: 'Address',
    value: ({ address }) => address,
    show: ({ address }) => <span className="mono">{address ?? '(too long to be kept)'}</span>,
    isHead: true,
  },
  { id: 'state', title: 'State', value: ({ state }) => state, show: ({ state }) => <State state={state} /> },
  { id: 'status', title: 'Status', value: ({ status }) => status, align: 'end' },
  {
    id: 'age',
    title: 'Age',
    value: ({ ageSeconds }) => ageSeconds,
    show: ({ ageSeconds }) => (ageSeconds === null ? '–' : duration(ageSeconds)),
    align: 'end',
  },
  { id: 'hits', title: 'Hits', value: ({ hits }) => hits, align: 'end' },
  {
    id: 'size',
    title: 'Size',
    value: ({ bodyBytes }) => bodyBytes,
    show: ({ bodyBytes }) => bytes(bodyBytes),
    align: 'end',
    isWideOnly: true,
  },
  { id: 'route', title: 'Route', value: ({ route }) => route, isWideOnly: true },
];

const SELECTORS = [
  ['prefix', 'Prefix'],
  ['address', 'Address'],
  ['tag', 'Tag'],
  ['route', 'Route'],
  ['all', 'All'],
] as const;
const EXAMPLES: Readonly<Record<string, string>> = {
  prefix: 'https://shop.example/images/',
  address: 'https://shop.example/a?page=2',
  tag: 'prices',
  route: 'products',
};

/** What is kept of responses: how well that works, what there is, and how to make it go. */
export function Page() {
  const stats = useCacheStats();
  return (
    <>
      <PageHead
        title="Cache"
        lead="What this gateway keeps of responses, and how often that spares a service a request."
      />
      <Loaded of={stats}>
        {({ memories, routes }) =>
          memories.length === 0 && routes.length === 0 ? (
            <Card>
              <Empty icon="cache" title="No route keeps responses">
                Add <code>cache: {'{}'}</code> to the policies of a route. It does what the service says of
                each response, so that is safe.
              </Empty>
            </Card>
          ) : (
            <div className="stack">
              <Card title="By route, since the start" isPadded={false}>
                <DataTable
                  caption="Cache by route"
                  rows={routes}
                  columns={ROUTE_COLUMNS}
                  empty={<Empty icon="cache" title="No requests yet" />}
                />
              </Card>
              <Card title="Memory" isPadded={false}>
                <DataTable
                  caption="Memories of the cache"
                  rows={memories}
                  columns={MEMORY_COLUMNS}
                  empty={<Empty icon="cache" title="None" />}
                />
              </Card>
              <Entries />
            </div>
          )
        }
      </Loaded>
    </>
  );
}

interface EntriesPage {
  readonly entries: readonly CacheEntry[];
  readonly next: string | null;
}

/** Looks before it purges: both take the same words. */
function Entries() {
  const [by, setBy] = useQueryValue('by', 'all');
  const [value, setValue] = useQueryValue('value');
  const [draft, setDraft] = useState(value);
  const [cursor, setCursor] = useState<string | null>(null);
  const [purging, setPurging] = useState<'hard' | 'soft' | null>(null);
  const client = useQueryClient();
  const mayPurge = useMay()('editor');
  const isAsked = by === 'all' || value !== '';
  const entries = useQuery({
    queryKey: ['cache-entries', by, value, cursor],
    queryFn: ({ signal }) =>
      ask<EntriesPage>('/cache/entries', {
        signal,
        query: { ...(by !== 'all' && { [by]: value }), limit: 100, cursor },
      }),
    enabled: isAsked,
    retry: false,
  });
  const what = by === 'all' ? 'everything' : `${by} ${value}`;
  return (
    <Card title="Look up and purge" isPadded={false}>
      <form
        className="card-body row"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setCursor(null);
          setValue(draft.trim());
        }}
      >
        <Segments
          label="What is meant by"
          value={by}
          choices={SELECTORS}
          onChange={(next) => {
            setCursor(null);
            setBy(next);
          }}
        />
        {by !== 'all' && (
          <>
            <input
              className="input"
              style={{ flex: '1 1 16rem', width: 'auto' }}
              data-mono=""
              aria-label={by}
              placeholder={EXAMPLES[by]}
              value={draft}
              spellCheck={false}
              onChange={(event) => setDraft(event.target.value)}
            />
            <Button type="submit">Look up</Button>
          </>
        )}
        {mayPurge && (
          <>
            <Button disabled={!isAsked} onClick={() => setPurging('soft')}>
              Mark stale
            </Button>
            <Button look="danger" icon="trash" disabled={!isAsked} onClick={() => setPurging('hard')}>
              Purge
            </Button>
          </>
        )}
      </form>
      {isAsked && (
        <Loaded of={entries} rows={4}>
          {({ entries: rows, next }) => (
            <>
              <DataTable
                caption="Stored responses"
                rows={rows}
                columns={ENTRY_COLUMNS}
                isDense
                empty={<Empty icon="search" title="Nothing like that is stored" />}
              />
              {(next !== null || cursor !== null) && (
                <div className="card-head">
                  <Button size="small" disabled={cursor === null} onClick={() => setCursor(null)}>
                    First page
                  </Button>
                  <Button size="small" disabled={next === null} onClick={() => setCursor(next)}>
                    Next page
                  </Button>
                </div>
              )}
            </>
          )}
        </Loaded>
      )}
      {purging && (
        <Confirm
          title={purging === 'hard' ? `Purge ${what}` : `Mark ${what} as stale`}
          verb={purging === 'hard' ? 'Purge' : 'Mark stale'}
          isDangerous={purging === 'hard'}
          run={() =>
            ask('/cache/purge', {
              method: 'POST',
              body: {
                ...(by === 'all' ? { all: true } : { [by]: value }),
                ...(purging === 'soft' && { soft: true }),
              },
            })
          }
          onDone={async () => {
            setPurging(null);
            tell(purging === 'hard' ? `Purged: ${what}` : `To be asked for again: ${what}`);
            await client.invalidateQueries();
          }}
          onClose={() => setPurging(null)}
        >
          {purging === 'hard'
            ? 'The next requests go to the services, all of them. Marking as stale is gentler: then the service is only asked whether it is still the same.'
            : 'Nothing goes. The service is asked whether it is still the same, and what is there stands in when it does not answer.'}
        </Confirm>
      )}
    </Card>
  );
}
