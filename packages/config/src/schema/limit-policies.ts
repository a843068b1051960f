import { mode } from './access-policies.ts';
import { size } from './size.ts';
import {
  choice,
  either,
  integer,
  list,
  map,
  notation,
  number,
  optional,
  orElse,
  section,
  word,
} from './typebox.ts';

const MOST = 1_000_000_000;
const YEAR_MS = 366 * 86_400_000;

const part = notation(
  'limitKey',
  '`ip` (IPv6 by /64), `identity`, `consumer`, `plan`, `route`, `method`, `host`, `header:NAME`, `cookie:NAME`, `query:NAME`, `path:NAME`, `metadata:NAME`, `claim:PATH`, or `rule:` and a CEL expression.',
);

/** Whom a limit counts for. */
const by = (description: string) => either(description, part, list('All of them together.', part));

const whenKeyMissing = orElse(
  choice(
    'What happens without such a key: it is not counted, refused, or counted in one bucket with all others that have none, so that nobody gets around a limit by leaving it out.',
    ['skip', 'deny', 'shared'],
  ),
  'shared',
);

const plans = <W, R>(description: string, values: Parameters<typeof map<W, R>>[1]) =>
  map({ description, entry: 'plan', pattern: '.' }, values);

const limit = integer('Requests, or units of cost, in that time. 0: none.', 0, MOST);

const rateLimitEntry = section('How many requests in some time.', {
  name: optional(
    notation('limitName', 'In `RateLimit` fields, metrics and problems. `100/1m` and the like by default.'),
  ),
  limit,
  per: notation('duration', 'In this time.', { minimum: 1, maximum: YEAR_MS }),
  burst: optional(
    integer(
      'So many at once, the limit by default. In proportion for those whose limit is another.',
      1,
      MOST,
    ),
  ),
  by: orElse(by('What makes a bucket of its own.'), 'ip'),
  whenKeyMissing,
  algorithm: orElse(
    choice('`gcra` spreads what comes over the time, `sliding` looks back over it.', ['gcra', 'sliding']),
    'gcra',
  ),
  plans: optional(plans('Another limit for the plans of consumers.', limit)),
  limitFrom: optional(word('A CEL expression that gives the limit; where it gives none, `limit` holds.')),
  group: optional(notation('limitName', 'Routes that name the same group share their buckets.')),
  when: optional(word('A CEL expression: only requests for which it is true are counted.')),
  cost: optional(
    either(
      'What a request costs, 1 by default.',
      number('So much.', 0, MOST),
      word('A CEL expression. One that names `response` is what is booked afterwards; 1 is taken before.'),
    ),
  ),
  responseCost: optional(
    word('The same, a CEL expression over `response`, beside a `cost` that is taken before.'),
  ),
  percent: orElse(number('For this share of the keys it acts, for the others it only reports.', 0, 100), 100),
  store: orElse(choice('`redis` counts for all gateways together.', ['local', 'redis']), 'local'),
  whenStoreFails: orElse(
    choice('Without Redis: count here, let pass, or refuse.', ['local', 'allow', 'deny']),
    'local',
  ),
  mode,
});

/** How many requests in some time. */
export const rateLimit = either(
  'How many requests; each entry has buckets of its own, and all must have room. 429 without.',
  rateLimitEntry,
  list('Several limits.', rateLimitEntry),
);

/** How many requests at once. */
export const concurrency = section('How many requests may be under way at once, in this process.', {
  limit: integer('So many.', 1, 1_000_000),
  by: optional(by('What makes a count of its own: `identity` where one is asked for, otherwise `ip`.')),
  whenKeyMissing,
  mode,
});

const level = choice('Last and first to be shed under overload.', [
  'critical',
  'high',
  'normal',
  'low',
  'bulk',
]);

/** Who is shed first. */
export const priority = either(
  'Who is shed first under overload: `bulk`, and `critical` last.',
  level,
  section('A level that depends on the caller.', {
    level: orElse(level, 'normal'),
    header: optional(notation('fieldName', 'A header in which trusted proxies say another level.')),
    plans: orElse(plans('Levels of the plans of consumers.', level), {}),
  }),
);

/** What one request may be. */
export const limits = section('What one request may be.', {
  bodyBytes: optional(size('The body of a request; overrides the limit of the listener.')),
  decompressedBytes: optional(size('The body without its `content-encoding`.')),
  jsonDepth: optional(integer('Nesting of a JSON body.', 1, 10_000)),
  headerCount: optional(integer('Header fields of a request.', 1, 10_000)),
  queryCount: optional(integer('Query parameters of a request.', 0, 10_000)),
  grpcMessageBytes: optional(
    size('One message of a gRPC call, both ways, as it is sent; also where calls are translated.', 1),
  ),
  mode,
});

/** How much a service is given to do at once. */
export const serviceConcurrency = either(
  'How many requests may be in flight to it.',
  choice('`adaptive` finds out by itself.', ['adaptive', 'off']),
  integer('So many.', 1, 1_000_000),
);
