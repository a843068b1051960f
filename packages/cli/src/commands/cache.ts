import { adminClient, adminOptions, type AdminClient } from '../admin-client.ts';
import type { Command, Given, Option } from '../command.ts';
import { EXIT, Failure, UsageError } from '../exit-codes.ts';
import type { CacheEntries, CacheEntryView, CachePurged, CacheStats } from '../gateway.ts';
import { entryLines, purgedLines, statsLines } from '../output/cache-texts.ts';
import type { Outputs } from '../output/terminal.ts';
import { printAnswer } from './print-answer.ts';

const SELECTORS: readonly Option[] = [
  {
    name: 'prefix',
    value: { kind: 'text', name: 'URL' },
    about: 'all below a path, which ends with a slash',
  },
  { name: 'tag', value: { kind: 'text', name: 'TAG' }, about: 'all to which its service gave a tag' },
  { name: 'group', value: { kind: 'text', name: 'GROUP' }, about: 'all of a group of an origin (RFC 9875)' },
  {
    name: 'origin',
    value: { kind: 'text', name: 'URL' },
    about: 'the origin of the group, such as https://shop.example',
  },
  { name: 'route', value: { kind: 'text', name: 'ROUTE' }, about: 'all that a route keeps' },
];

/** What each action takes, beside the options that all have. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  stats: [],
  list: ['prefix', 'tag', 'group', 'origin', 'route', 'limit'],
  get: [],
  purge: ['prefix', 'tag', 'group', 'origin', 'route', 'all', 'soft'],
};
const MOST_PER_PAGE = 1000;
const DEFAULT_LIMIT = 100;

/** `turnpike cache`. */
export const cache: Command = {
  name: 'cache',
  summary: 'look into the cache of a gateway that runs, and purge it',
  description:
    'Talks to the admin API of a gateway. "stats" shows its memories and what became of requests, by route; "list" what is stored, ' +
    'all of it or a part; "get" what is stored for one address, in all its variants; "purge" makes an address or more go, for all ' +
    'threads at once: with --soft it stays for emergencies and is asked for again.\n\n' +
    'An address is what a client asks for, with scheme and host: https://shop.example/path?query.',
  parameters: [
    { name: 'ACTION', count: 'one', about: Object.keys(TAKES).join(', '), choices: Object.keys(TAKES) },
    { name: 'ADDRESS', count: 'any', about: 'for get and purge' },
  ],
  options: [
    ...SELECTORS,
    { name: 'all', value: { kind: 'none' }, about: 'purge: everything' },
    {
      name: 'soft',
      value: { kind: 'none' },
      about: 'purge: it is asked for again, but stays for emergencies',
    },
    {
      name: 'limit',
      value: { kind: 'text', name: 'COUNT' },
      about: `list: so many at most (default: ${DEFAULT_LIMIT})`,
    },
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike cache stats', about: 'of the gateway on this machine' },
    { line: 'turnpike cache list --prefix https://shop.example/images/', about: 'what is stored there' },
    { line: 'turnpike cache get https://shop.example/a', about: 'is it stored, and how fresh is it?' },
    { line: 'turnpike cache purge https://shop.example/a', about: 'one address, in all its variants' },
    { line: 'turnpike cache purge --tag prices --soft', about: 'ask again for all with that tag' },
    { line: 'turnpike cache purge --all --admin https://edge-1:9901', about: 'everything, elsewhere' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [action = '', ...addresses] = given.words;
    const run = ACTIONS[action];
    if (run === undefined)
      throw new UsageError(`there is no action "${action}"; there are ${Object.keys(TAKES).join(', ')}`);
    refuseOthers(action, given);
    await run({ given, addresses, client: adminClient(given), outputs });
    return EXIT.ok;
  },
};

interface Call {
  readonly given: Given;
  readonly addresses: readonly string[];
  readonly client: AdminClient;
  readonly outputs: Outputs;
}

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<void>>> = { stats, list, get, purge };

async function stats({ given, client, outputs: { out } }: Call): Promise<void> {
  printAnswer(await client.ask<CacheStats>('GET', '/cache'), { given, out, lines: statsLines });
}

async function list({ given, client, outputs }: Call): Promise<void> {
  const limit = Number(given.text('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1 on');
  const found = await entriesOf(client, selectorsOf(given), limit);
  printAnswer(found, { given, out: outputs.out, lines: ({ entries }, paint) => entryLines(entries, paint) });
  if (found.next !== null) outputs.err.print(`There is more: --limit ${limit * 10}`);
}

async function get({ given, addresses, client, outputs: { out } }: Call): Promise<void> {
  const [address] = addresses;
  if (address === undefined) throw new UsageError('get needs an address, such as https://shop.example/a');
  const found = await entriesOf(client, { address }, MOST_PER_PAGE);
  printAnswer(found, { given, out, lines: ({ entries }, paint) => entryLines(entries, paint) });
  if (found.entries.length === 0) throw new Failure(`nothing is stored for ${address}`);
}

async function purge({ given, addresses, client, outputs: { out } }: Call): Promise<void> {
  const [address] = addresses;
  const order = {
    ...(address !== undefined && { address }),
    ...selectorsOf(given),
    ...(given.has('all') && { all: true }),
    ...(given.has('soft') && { soft: true }),
  };
  printAnswer(await client.ask<CachePurged>('POST', '/cache/purge', order), {
    given,
    out,
    lines: purgedLines,
  });
}

/** Page after page, until there are enough. */
async function entriesOf(
  client: AdminClient,
  selectors: Readonly<Record<string, string>>,
  limit: number,
): Promise<CacheEntries> {
  const entries: CacheEntryView[] = [];
  let cursor: string | null = null;
  do {
    const count = String(Math.min(limit - entries.length, MOST_PER_PAGE));
    const query = new URLSearchParams({ ...selectors, limit: count, ...(cursor !== null && { cursor }) });
    const page: CacheEntries = await client.ask('GET', `/cache/entries?${query.toString()}`);
    entries.push(...page.entries);
    cursor = page.next;
  } while (cursor !== null && entries.length < limit);
  return { entries, next: cursor };
}

function selectorsOf(given: Given): Record<string, string> {
  return Object.fromEntries(
    SELECTORS.flatMap(({ name }) => {
      const value = given.text(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function refuseOthers(action: string, given: Given): void {
  const taken = TAKES[action] ?? [];
  for (const name of ['prefix', 'tag', 'group', 'origin', 'route', 'limit', 'all', 'soft']) {
    if (!taken.includes(name) && given.text(name) !== undefined)
      throw new UsageError(`${action} does not take --${name}`);
  }
  const [, ...addresses] = given.words;
  const most = action === 'get' || action === 'purge' ? 1 : 0;
  if (addresses.length > most)
    throw new UsageError(`${action} takes ${most === 0 ? 'no address' : 'one address'}`);
}
