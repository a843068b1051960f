import { useState } from 'react';
import { useLive } from '../../api/gateway.ts';
import type { AtOnceView, LimitList, LimitView } from '../../api/types.ts';
import { hrefOf, useQueryValue } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { count, duration } from '../../ui/format.ts';
import { Card, Empty } from '../../ui/layout.tsx';
import { SearchField } from '../../ui/search.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { Badge } from '../../ui/words.tsx';
import { AtOnceWindow, RateWindow } from './key-window.tsx';

/** The limits of all routes, and how a key of each stands. */
export function RouteLimits() {
  const limits = useLive<LimitList>('/limits', 15_000);
  const [search, setSearch] = useQueryValue('q');
  const [rate, setRate] = useState<LimitView | null>(null);
  const [atOnce, setAtOnce] = useState<AtOnceView | null>(null);
  return (
    <Loaded of={limits}>
      {({ limits: rates, concurrency }) => (
        <>
          <Card
            title="Rates of routes"
            isPadded={false}
            aside={
              rates.length > 0 && <SearchField label="Search limits" value={search} onChange={setSearch} />
            }
          >
            <DataTable
              caption="Rates of routes"
              rows={rates}
              columns={[
                ...RATE_COLUMNS,
                lookColumn<LimitView>(setRate, ({ route, limit }) => `${limit} of ${route}`),
              ]}
              search={search}
              empty={
                <Empty icon="limits" title="No route has a rate limit">
                  <code>{'rateLimit: { limit: 100, per: 1m }'}</code> among the policies of a route holds it
                  to that, exactly, over all threads.
                </Empty>
              }
            />
          </Card>
          {concurrency.length > 0 && (
            <Card title="Requests at once" isPadded={false}>
              <DataTable
                caption="Requests at once"
                rows={concurrency}
                columns={[...AT_ONCE_COLUMNS, lookColumn<AtOnceView>(setAtOnce, ({ route }) => route)]}
                empty={null}
              />
            </Card>
          )}
          {rate && <RateWindow limit={rate} onClose={() => setRate(null)} />}
          {atOnce && <AtOnceWindow limit={atOnce} onClose={() => setAtOnce(null)} />}
        </>
      )}
    </Loaded>
  );
}

type Row = Pick<LimitView, 'route' | 'key' | 'mode'>;

const ROUTE: Column<Row> = {
  id: 'route',
  title: 'Route',
  value: ({ route }) => route,
  show: ({ route }) => <a href={hrefOf(['routes', route])}>{route}</a>,
  isHead: true,
};
const KEY: Column<Row> = {
  id: 'key',
  title: 'For each',
  value: ({ key }) => key,
  show: ({ key }) => <span className="mono">{key}</span>,
};
const MODE: Column<Row> = {
  id: 'mode',
  title: 'Mode',
  value: ({ mode }) => mode,
  show: ({ mode }) => (mode === 'report' ? <Badge tone="accent">only reports</Badge> : 'refuses'),
  isWideOnly: true,
};

const RATE_COLUMNS: readonly Column<LimitView>[] = [
  ROUTE,
  {
    id: 'limit',
    title: 'Limit',
    value: ({ limit }) => limit,
    show: ({ limit }) => <span className="mono">{limit}</span>,
  },
  {
    id: 'quota',
    title: 'Allows',
    value: ({ quota, windowSeconds }) => quota / windowSeconds,
    show: ({ quota, windowSeconds, quotaFrom, burst }) => (
      <>
        {count(quota)} in {duration(windowSeconds)}
        {quotaFrom !== null && <span className="muted">, or by {quotaFrom.kind}</span>}
        {burst !== null && burst !== quota && <span className="muted">, {count(burst)} at once</span>}
      </>
    ),
  },
  KEY,
  { id: 'store', title: 'Counted in', value: ({ store }) => store, isWideOnly: true },
  MODE,
];

const AT_ONCE_COLUMNS: readonly Column<AtOnceView>[] = [
  ROUTE,
  {
    id: 'limit',
    title: 'Allows',
    value: ({ limit }) => limit,
    show: ({ limit }) => `${count(limit)} under way`,
  },
  KEY,
  MODE,
];

function lookColumn<T>(open: (of: T) => void, nameOf: (of: T) => string): Column<T> {
  return {
    id: 'look',
    isCommand: true,
    title: 'Keys',
    value: () => '',
    align: 'end',
    show: (one) => (
      <Button size="small" onClick={() => open(one)} aria-label={`Look up a key of ${nameOf(one)}`}>
        Look up
      </Button>
    ),
  };
}
