import type { NewsStand } from '../desk.ts';
import { openAddresses, type AddressTable } from './address-table.ts';

/** The named lists of addresses. They change while the gateway runs: who uses one asks for it each time. */
export interface AddressLists {
  /** The list as it is now; null when it was never loaded. */
  get(name: string): AddressTable | null;
}

/** The lists of which the supervisor told this thread. */
export function addressListsFrom(news: NewsStand): AddressLists {
  const tables = new Map<string, AddressTable>();
  news.subscribe('addresses', ({ id, table }) => {
    if (table === null) tables.delete(id);
    else tables.set(id, openAddresses(table));
  });

  /** What was told before somebody listened. */
  const recall = (name: string): AddressTable | null => {
    const known = news.latest('addresses', name);
    if (known === null || known.table === null) return null;
    const table = openAddresses(known.table);
    tables.set(name, table);
    return table;
  };
  return { get: (name) => tables.get(name) ?? recall(name) };
}
