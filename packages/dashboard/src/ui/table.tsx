import {
  type ColumnDef,
  createFilteredRowModel,
  createPaginatedRowModel,
  createSortedRowModel,
  filterFns,
  globalFilteringFeature,
  columnFilteringFeature,
  rowPaginationFeature,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, useId, useMemo, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { plural } from './format.ts';
import { Icon } from './icons.tsx';

// The only file that knows TanStack Table.
const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  rowSortingFeature,
  rowPaginationFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
  paginatedRowModel: createPaginatedRowModel(),
  sortFns,
  filterFns,
});

/** A column: what is sorted and searched by, and what is shown. */
export interface Column<T> {
  readonly id: string;
  readonly title: string;
  /** Sorted by, and searched in. */
  readonly value: (row: T) => string | number | null;
  readonly show?: (row: T) => ReactNode;
  readonly align?: 'end';
  /** Left out on narrow screens. */
  readonly isWideOnly?: boolean;
  /** Names its row for screen readers. */
  readonly isHead?: boolean;
  /** What can be done with a row: nothing to sort by. */
  readonly isCommand?: boolean;
}

const PAGE_SIZE = 50;

/** A table that sorts, searches and has pages. */
export function DataTable<T>({
  caption,
  rows,
  columns,
  search = '',
  empty,
  isDense = false,
}: {
  readonly caption: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly search?: string;
  readonly empty: ReactNode;
  readonly isDense?: boolean;
}) {
  const definitions = useMemo(
    () =>
      columns.map(({ id, value }): ColumnDef<typeof features, { readonly row: T }> => ({
        id,
        accessorFn: ({ row }) => value(row) ?? '',
        sortFn: 'auto',
        filterFn: 'includesString',
      })),
    [columns],
  );
  const data = useMemo(() => rows.map((row) => ({ row })), [rows]);
  const [pagination, setPagination] = useState({ pageIndex: 0, pageSize: PAGE_SIZE });
  const table = useTable({
    features,
    columns: definitions,
    data,
    state: { globalFilter: search, pagination },
    onPaginationChange: setPagination,
    globalFilterFn: 'includesString',
    autoResetPageIndex: false,
  });
  const shown = table.getRowModel().rows;
  const matching = table.getFilteredRowModel().rows.length;
  if (rows.length === 0) return <>{empty}</>;
  const pages = Math.max(1, Math.ceil(matching / PAGE_SIZE));
  const page = Math.min(pagination.pageIndex, pages - 1);
  if (page !== pagination.pageIndex) setPagination({ pageIndex: page, pageSize: PAGE_SIZE });
  return (
    <>
      <div className="table-wrap" tabIndex={0} role="group" aria-label={caption}>
        {rows.length > 1 && (
          <SortBy
            columns={columns}
            sorted={table.state.sorting[0] ?? null}
            onSort={(id, desc) => table.setSorting(id === '' ? [] : [{ id, desc }])}
          />
        )}
        <table className="table" data-dense={isDense ? '' : undefined}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => {
                const sorting = table.getColumn(column.id);
                const sorted = sorting?.getIsSorted() ?? false;
                return (
                  <th
                    key={column.id}
                    scope="col"
                    data-align={column.align}
                    className={column.isWideOnly === true ? 'wide-only' : undefined}
                    aria-sort={sorted === false ? undefined : sorted === 'asc' ? 'ascending' : 'descending'}
                  >
                    {column.isCommand === true ? (
                      column.title
                    ) : (
                      <button type="button" className="sort" onClick={() => sorting?.toggleSorting()}>
                        {column.title}
                        {sorted !== false && <Icon name={sorted === 'asc' ? 'up' : 'down'} />}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ id, original: { row } }) => (
              <tr key={id}>
                {columns.map((column) => (
                  <Cell key={column.id} column={column} row={row} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {matching === 0 && <p className="empty muted">Nothing fits “{search}”.</p>}
      {pages > 1 && (
        <div className="card-head">
          <span className="muted small num">
            {plural(matching, 'row')}, page {page + 1} of {pages}
          </span>
          <div className="row">
            <Button
              size="small"
              disabled={page === 0}
              onClick={() => setPagination({ pageIndex: page - 1, pageSize: PAGE_SIZE })}
            >
              Previous
            </Button>
            <Button
              size="small"
              disabled={page + 1 >= pages}
              onClick={() => setPagination({ pageIndex: page + 1, pageSize: PAGE_SIZE })}
            >
              Next
            </Button>
          </div>
        </div>
      )}
    </>
  );
}

/** What the heads of columns do, where there is no room for them. */
function SortBy<T>({
  columns,
  sorted,
  onSort,
}: {
  readonly columns: readonly Column<T>[];
  readonly sorted: { readonly id: string; readonly desc: boolean } | null;
  readonly onSort: (id: string, desc: boolean) => void;
}) {
  const select = useId();
  const id = sorted?.id ?? '';
  const isDown = sorted?.desc === true;
  return (
    <div className="sort-by">
      <label htmlFor={select}>Sort by</label>
      <select
        id={select}
        className="input"
        value={id}
        onChange={(event) => onSort(event.target.value, isDown)}
      >
        <option value="">as it comes</option>
        {columns
          .filter(({ isCommand }) => isCommand !== true)
          .map((column) => (
            <option key={column.id} value={column.id}>
              {column.title}
            </option>
          ))}
      </select>
      <IconButton
        label={isDown ? 'Descending' : 'Ascending'}
        icon={isDown ? 'down' : 'up'}
        disabled={sorted === null}
        onClick={() => onSort(id, !isDown)}
      />
    </div>
  );
}

function Cell<T>({ column, row }: { readonly column: Column<T>; readonly row: T }) {
  const shown = column.show ? column.show(row) : column.value(row);
  const isEmpty = shown === null || shown === undefined || shown === false || shown === '';
  const content = <div>{shown}</div>;
  const rest = {
    'data-align': column.align,
    // Where there is no room for columns, each row is a card, and its cells say what they are.
    'data-label': isEmpty ? undefined : column.title,
    className: column.isWideOnly === true ? 'wide-only' : undefined,
  };
  return column.isHead === true ? (
    <th scope="row" {...rest}>
      {content}
    </th>
  ) : (
    <td {...rest}>{content}</td>
  );
}
