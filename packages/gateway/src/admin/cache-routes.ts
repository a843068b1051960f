import { GatewayError } from '../core/errors.ts';
import { adminProblem, json, type Answer } from './answer.ts';
import type { CachePort, UnknownRoute } from './cache-port.ts';
import { readSelection, SELECTORS, type CacheSelection } from './cache-selection.ts';
import type { AdminRequest, AdminRoute } from './router.ts';

const DEFAULT_LIMIT = 100;
const MOST_ENTRIES = 1000;

/** How people see what the cache has, and make it go. */
export function cacheRoutes(cache: CachePort): readonly AdminRoute[] {
  return [
    {
      method: 'GET',
      path: '/cache',
      summary: 'what is kept of responses, in numbers',
      role: 'viewer',
      handle: async () => json(200, cache.stats()),
    },
    {
      method: 'GET',
      path: '/cache/entries',
      summary: 'stored responses, a page at a time',
      parameters: {
        ...Object.fromEntries(SELECTORS.map((name) => [name, 'only these'])),
        origin: 'of the group',
        limit: `at most ${MOST_ENTRIES}`,
        cursor: '`next` of the page before',
      },
      role: 'viewer',
      handle: async ({ url }) => entries(cache, url.searchParams),
    },
    {
      method: 'DELETE',
      path: '/cache/entries',
      summary: 'purges an address',
      parameters: { address: 'with scheme and host' },
      role: 'editor',
      handle: (request) => remove(cache, request),
    },
    {
      method: 'POST',
      path: '/cache/purge',
      summary: 'purges by address, path, tag, group, route, or everything',
      body: 'json',
      role: 'editor',
      handle: ({ body }) => purge(cache, body),
    },
  ];
}

function entries(cache: CachePort, search: URLSearchParams): Answer {
  const given = membersOf(search, [...SELECTORS, 'origin', 'limit', 'cursor']);
  if ('faults' in given) return rejected(given.faults);
  const { limit = String(DEFAULT_LIMIT), cursor = null, ...selectors } = given.members;
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MOST_ENTRIES)
    return rejected([`limit must be from 1 to ${MOST_ENTRIES}`]);
  const read = readSelection(selectors['all'] === 'true' ? { ...selectors, all: true } : selectors);
  if (!read.ok) return rejected(read.faults);
  const page = cache.entries({ selection: read.selection, limit: Number(limit), cursor });
  if (page === null) return rejected(['cursor must be the `next` of a page before']);
  return 'unknownRoute' in page ? unknown(page) : json(200, page);
}

async function remove(cache: CachePort, { url }: AdminRequest): Promise<Answer> {
  const given = membersOf(url.searchParams, ['address']);
  if ('faults' in given) return rejected(given.faults);
  const read = readSelection(given.members);
  if (!read.ok) return rejected(read.faults);
  return read.selection === null ? rejected(['an address is needed']) : go(cache, read.selection, 'hard');
}

async function purge(cache: CachePort, body: unknown): Promise<Answer> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return rejected(['the body must be an object, such as {"tag": "prices"}']);
  const { soft = false, ...selectors } = body as Record<string, unknown>;
  const faults = Object.keys(selectors)
    .filter((name) => name !== 'origin' && !SELECTORS.some((known) => known === name))
    .map((name) => `${JSON.stringify(name.slice(0, 100))} is not known`);
  if (typeof soft !== 'boolean') faults.push('soft must be true or false');
  const read = readSelection(selectors);
  if (!read.ok) faults.push(...read.faults);
  else if (read.selection === null) faults.push(`one of ${SELECTORS.join(', ')} is needed`);
  if (faults.length > 0 || !read.ok || read.selection === null) return rejected(faults);
  return go(cache, read.selection, soft === true ? 'soft' : 'hard');
}

async function go(cache: CachePort, selection: CacheSelection, kind: 'hard' | 'soft'): Promise<Answer> {
  try {
    const purged = await cache.purge(selection, kind);
    return 'unknownRoute' in purged ? unknown(purged) : json(200, purged);
  } catch (error) {
    const isAway = error instanceof GatewayError && error.code === 'CACHE_STORE_UNAVAILABLE';
    if (isAway) return adminProblem('CACHE_STORE_UNAVAILABLE');
    throw error;
  }
}

/** What a query has, each name once. */
function membersOf(
  search: URLSearchParams,
  known: readonly string[],
):
  | { readonly members: Readonly<Record<string, string | undefined>> }
  | { readonly faults: readonly string[] } {
  const names = [...search.keys()];
  const faults = names
    .filter((name, i) => !known.includes(name) || names.indexOf(name) !== i)
    .map((name) => `${JSON.stringify(name.slice(0, 100))} is not known, or comes twice`);
  return faults.length > 0
    ? { faults: faults.slice(0, MOST_FAULTS) }
    : { members: Object.fromEntries(search) };
}

const MOST_FAULTS = 10;

function rejected(faults: readonly string[]): Answer {
  return adminProblem('CACHE_REQUEST_REJECTED', { errors: faults.slice(0, MOST_FAULTS) });
}

function unknown({ unknownRoute, known }: UnknownRoute): Answer {
  const others = known.length === 0 ? 'no route does' : `these do: ${known.join(', ')}`;
  return adminProblem('NOT_FOUND', { detail: `no route "${unknownRoute}" keeps responses; ${others}` });
}
