import type { AddressListConfig } from '../resolved.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type ResolvedList = ResolvedDocument['lists'] extends ReadonlyMap<string, infer L> ? L : never;

/** The address lists in the order in which they are written. */
export function resolveLists(document: ResolvedDocument, context: Context): AddressListConfig[] {
  return Array.from(document.lists, ([id, list]) => ({
    id,
    origin: context.originOf('lists', id),
    ...resolveSource(id, list, context),
  }));
}

type ListSource = AddressListConfig extends infer List
  ? List extends { readonly kind: string }
    ? Omit<List, 'id' | 'origin'>
    : never
  : never;

/** Exactly one source; none or several are reported here, because what follows has room for one only. */
function resolveSource(id: string, list: ResolvedList, context: Context): ListSource {
  const { addresses, file, url, refresh } = list;
  const given = Object.entries({ addresses, file, url }).filter(([, value]) => value !== null);
  const path = ['lists', id];
  if (given.length === 0) {
    const message = `lists.${id}: has no addresses; give it one of addresses, file and url`;
    context.report({ code: 'MISSING_KEY', message, path, at: 'key' });
  }
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    const message = `lists.${id}: has ${names}, but a list has exactly one source; keep one`;
    context.report({ code: 'CONFLICT', message, path, at: 'key' });
  }
  if (file !== null) return { kind: 'file', path: context.absolute([...path, 'file'], file) };
  if (url !== null) return { kind: 'url', url, refreshMs: refresh };
  return { kind: 'addresses', addresses: addresses ?? [] };
}
