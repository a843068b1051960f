import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTopology } from '../../api/topology.ts';
import { useQueryValue } from '../../router/location.ts';
import { Button, LinkButton, Segments } from '../../ui/button.tsx';
import { plural } from '../../ui/format.ts';
import { Card, Empty, PageHead } from '../../ui/layout.tsx';
import { SearchField } from '../../ui/search.tsx';
import { Loaded } from '../../ui/states.tsx';
import { Diagram } from './diagram.tsx';
import { foldedRows, openRows } from './diagram-layout.ts';
import { type Group, groupsOf } from './groups.ts';
import { Outline } from './outline.tsx';

const NARROW = '(max-width: 48rem)';

/** Which doors lead to which routes, these to which services, and those to which endpoints. */
export function Page() {
  const topology = useTopology();
  const [search, setSearch] = useQueryValue('q');
  const isNarrow = useMedia(NARROW);
  const [view, setView] = useQueryValue('view', isNarrow ? 'outline' : 'diagram');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(
    () => (topology.data ? groupsOf(topology.data, search) : []),
    [topology.data, search],
  );
  const isOpen = useCallback(
    (group: Group) => opened.has(group.name ?? '') || search !== '',
    [opened, search],
  );
  const rowsOf = useCallback(
    (group: Group) => (isOpen(group) ? openRows(groups) : foldedRows(groups)),
    [isOpen, groups],
  );
  const toggle = useCallback(
    (group: Group) => setOpened((before) => before.symmetricDifference(new Set([group.name ?? '']))),
    [],
  );
  const isAnyOpen = opened.size > 0;
  return (
    <>
      <PageHead
        title="Topology"
        lead={
          topology.data &&
          `${plural(topology.data.listeners.length, 'listener')}, ${plural(topology.data.routes.length, 'route')}, ${plural(topology.data.services.length, 'service')}, ${plural(topology.data.services.flatMap(({ endpoints }) => endpoints).length, 'endpoint')}.`
        }
      >
        <Segments
          label="View"
          value={view}
          choices={[
            ['diagram', 'Diagram'],
            ['outline', 'Outline'],
          ]}
          onChange={setView}
        />
      </PageHead>
      <Loaded of={topology} rows={12}>
        {({ listeners }) => (
          <Card isPadded={false}>
            <div className="card-head">
              <SearchField label="Search routes, services, endpoints" value={search} onChange={setSearch} />
              <Button
                size="small"
                onClick={() =>
                  setOpened(isAnyOpen ? new Set() : new Set(groups.map(({ name }) => name ?? '')))
                }
              >
                {isAnyOpen ? 'Fold all' : 'Unfold all'}
              </Button>
            </div>
            {groups.length === 0 ? (
              <Empty
                icon="topology"
                title={search === '' ? 'There is no route yet' : `Nothing fits “${search}”`}
                action={search === '' && <LinkButton href="#/routes/+new">New route</LinkButton>}
              >
                {search === ''
                  ? 'With the first service and route, this page shows how they hang together.'
                  : 'Routes are searched by name, path and host.'}
              </Empty>
            ) : view === 'outline' ? (
              <Outline groups={groups} isOpen={isOpen} most={openRows(groups)} />
            ) : (
              <div className="card-body">
                <Diagram listeners={listeners} groups={groups} rowsOf={rowsOf} toggle={toggle} />
              </div>
            )}
          </Card>
        )}
      </Loaded>
    </>
  );
}

function useMedia(query: string): boolean {
  const [fits, setFits] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const hear = (): void => setFits(list.matches);
    list.addEventListener('change', hear);
    return () => list.removeEventListener('change', hear);
  }, [query]);
  return fits;
}
