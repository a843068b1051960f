import { useMemo } from 'react';
import {
  busiest,
  useCertificates,
  useDatabase,
  useEndpoints,
  useOverview,
  useStatus,
} from '../../api/gateway.ts';
import { wordsOf } from '../../api/kinds.ts';
import { useObjects } from '../../api/objects.ts';
import { useMay } from '../../api/rights.ts';
import type { Kind, ObjectView } from '../../api/types.ts';
import { hrefOf, useQueryValue } from '../../router/location.ts';
import { LinkButton, Segments } from '../../ui/button.tsx';
import { Card, Empty, Note, PageHead } from '../../ui/layout.tsx';
import { SearchField } from '../../ui/search.tsx';
import { Loaded } from '../../ui/states.tsx';
import { type Column, DataTable } from '../../ui/table.tsx';
import { columnsOf, OWNER } from './columns.tsx';
import { ShownCertificates } from './shown-certificates.tsx';

const NONE = [] as const;
/** The last five minutes. */
const RECENT = 30;

/** All objects of a kind, with how they do. */
export function ObjectList({ kind }: { readonly kind: Kind }) {
  const words = wordsOf(kind);
  const [search, setSearch] = useQueryValue('q');
  const [owner, setOwner] = useQueryValue('from', 'all');
  const all = useObjects(kind);
  const found = useObjects(kind, all.data?.isCut === true ? search : '');
  const columns = useColumns(kind);
  const database = useDatabase();
  const may = useMay();
  const canCreate =
    may('editor', 'any') && database.data?.kind === 'present' && found.data?.isReadOnly === false;
  const create = canCreate && (
    <LinkButton look="primary" icon="plus" href={hrefOf([words.path, '+new'])}>
      New {words.one}
    </LinkButton>
  );
  return (
    <>
      <PageHead title={kind === 'consumers' ? 'Consumers & keys' : words.many} lead={words.lead}>
        {create}
      </PageHead>
      <div className="stack">
        {database.data?.kind === 'absent' && <ReadOnlyNote />}
        <Loaded of={found} rows={9}>
          {({ items }) => {
            const isNone = items.length === 0 && (search === '' || all.data?.isCut !== true);
            const rows =
              owner === 'all'
                ? items
                : items.filter((one) =>
                    owner === 'trouble' ? one.status.state !== 'active' : one.owner === owner,
                  );
            return (
              <Card isPadded={false}>
                <div className="card-head">
                  <SearchField
                    label={`Search ${words.many.toLowerCase()}`}
                    value={search}
                    onChange={setSearch}
                  />
                  <Segments
                    label="From"
                    value={owner}
                    choices={[
                      ['all', 'All'],
                      ['database', 'Database'],
                      ['files', 'Files'],
                      ['trouble', 'In trouble'],
                    ]}
                    onChange={setOwner}
                  />
                </div>
                <DataTable
                  caption={words.many}
                  rows={rows}
                  columns={columns}
                  search={all.data?.isCut === true ? '' : search}
                  empty={
                    <Empty
                      icon={kind === 'identityProviders' ? 'providers' : kind}
                      title={isNone ? `No ${words.many.toLowerCase()} yet` : 'None of these'}
                      action={isNone && create}
                    >
                      {isNone
                        ? words.lead
                        : items.length === 0
                          ? `No name has “${search}” in it.`
                          : 'Choose “All” to see the others.'}
                    </Empty>
                  }
                />
                {all.data?.isCut === true && <Cut kind={kind} search={search} />}
              </Card>
            );
          }}
        </Loaded>
        {kind === 'certificates' && <ShownCertificates />}
      </div>
    </>
  );
}

/** There are more than are shown at once: what the search can do then, and what finds the rest. */
function Cut({ kind, search }: { readonly kind: Kind; readonly search: string }) {
  return (
    <p className="card-body cut-note muted small">
      There are more than fit here, so the search goes by name.
      {kind === 'routes' && (
        <>
          {' '}
          <a
            href={hrefOf(['explain'], { method: 'GET', url: search.startsWith('/') ? search : '' })}
          >{`Which route takes ${search.startsWith('/') ? search : 'a path'}?`}</a>
        </>
      )}
    </p>
  );
}

function ReadOnlyNote() {
  return (
    <Note icon="file" title="Read from files">
      This gateway has no database, so its configuration changes with its files and not from here. With{' '}
      <code>stores.database</code> you can edit here too: see <a href="#/settings">Settings</a>.
    </Note>
  );
}

function useColumns(kind: Kind): readonly Column<ObjectView>[] {
  const [overview, endpoints, status] = [useOverview(), useEndpoints(), useStatus()];
  const certificates = useCertificates(kind === 'certificates');
  return useMemo(() => {
    const samples = overview.data?.samples.slice(-RECENT) ?? NONE;
    const busy = kind === 'routes' || kind === 'services' ? busiest(samples, kind) : NONE;
    const beside = {
      endpoints: Map.groupBy(endpoints.data ?? NONE, ({ service }) => service),
      busy: new Map(busy.map((one) => [one.name, one])),
      providers: new Map((status.data?.identityProviders ?? NONE).map((one) => [one.id, one])),
      certificates: new Map((certificates.data ?? NONE).map((one) => [one.name ?? '', one])),
      lists: new Map((status.data?.addressLists ?? NONE).map((one) => [one.id, one])),
    };
    const name: Column<ObjectView> = {
      id: 'name',
      title: 'Name',
      value: (object) => object.name,
      show: (object) => (
        <a className="long" href={hrefOf([wordsOf(kind).path, object.name])}>
          {object.name}
        </a>
      ),
      isHead: true,
    };
    return [name, ...columnsOf(kind, beside), OWNER];
  }, [kind, overview.data, endpoints.data, status.data, certificates.data]);
}
