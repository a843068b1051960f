import { useMemo, useSyncExternalStore } from 'react';

// Addresses are in the fragment: `#/routes/user?tab=history`. The paths themselves belong to the operations of the API
// (`/services` is one), so a page of the same name would take its place, or be taken.

/** Where we are. */
export interface Place {
  /** Segments of the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Reads the fragment of an address. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const segments = path.split('/').filter((segment) => segment !== '');
  return { path: segments.map(decoded), query: new URLSearchParams(query) };
}

/** Writes a path and what narrows it down; empty values are left out. */
export function hrefOf(
  path: readonly string[],
  query: Readonly<Record<string, string | null | undefined>> = {},
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a percent sign that stands for nothing
  }
}

function subscribe(hear: () => void): () => void {
  window.addEventListener('hashchange', hear);
  return () => window.removeEventListener('hashchange', hear);
}

/** The place, and again when it changes. */
export function usePlace(): Place {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return useMemo(() => placeOf(hash), [hash]);
}

/** Goes somewhere; `replace` leaves no step in the history, for filters that are typed. */
export function go(href: string, how: 'push' | 'replace' = 'push'): void {
  if (href === location.hash) return;
  if (how === 'push') {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

/** A value that lives in the address, so that it can be shared and survives going back. */
export function useQueryValue(name: string, fallback = ''): [string, (value: string) => void] {
  const { path, query } = usePlace();
  const set = (value: string): void => {
    const all = Object.fromEntries(query);
    go(hrefOf(path, { ...all, [name]: value === fallback ? '' : value }), 'replace');
  };
  return [query.get(name) ?? fallback, set];
}
