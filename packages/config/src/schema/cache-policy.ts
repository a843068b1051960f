import { mode } from './access-policies.ts';
import { size } from './size.ts';
import {
  choice,
  duration,
  flag,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  section,
  word,
} from './typebox.ts';

const ttl = (description: string) =>
  notation('duration', description, { minimum: 0, maximum: 24 * 86_400_000 });

const key = section('What else tells responses apart, beside the address and what they vary by.', {
  query: optional(
    list('The parameters that count. All, unless it is given; none, if it is empty.', word('A name.')),
  ),
  ordered: orElse(flag('Whether `?a=1&b=2` and `?b=2&a=1` are two addresses.'), true),
  headers: orElse(list('Request headers.', notation('fieldName', 'A name.')), []),
  cookies: orElse(list('Cookies.', notation('cookieName', 'A name.')), []),
  identity: orElse(
    choice(
      'Whether each caller has responses of its own. `auto`: yes, where the route authenticates, unless the service says `public` or `s-maxage`.',
      ['auto', 'always', 'never'],
    ),
    'auto',
  ),
});

/** What a route keeps of the responses of its service. */
export const cache = section(
  'A shared cache (RFC 9111), which obeys what the service says of each response.',
  {
    store: orElse(
      choice('`redis`: memory of the process in front of Redis, which all gateways share.', [
        'memory',
        'redis',
      ]),
      'memory',
    ),
    size: optional(
      size('A memory of its own, so large. Otherwise it shares that of `stores.cache`.', 2 ** 20, 2 ** 36),
    ),
    maxObjectBytes: orElse(size('Larger bodies are not stored.', 1, 2 ** 32), '10MiB'),
    minUses: orElse(integer('How often something is asked for before it is stored.', 1, 1000), 1),
    defaultTtl: orElse(
      ttl('How long responses stay fresh that say nothing. `0s`: they are not stored.'),
      '0s',
    ),
    ttl: orElse(
      map(
        {
          description: 'How long responses stay fresh that say nothing, by status.',
          entry: 'status 200..599',
          pattern: '^[2-5][0-9]{2}$',
        },
        ttl('`0s`: they are not stored.'),
      ),
      {},
    ),
    heuristic: orElse(
      flag(
        'Whether a response that only says when it was changed is fresh for a tenth of its age, at most a day.',
      ),
      true,
    ),
    key: orElse(key, {}),
    staleWhileRevalidate: orElse(
      ttl('How long after that a response is given at once, while it is fetched anew.'),
      '0s',
    ),
    staleIfError: orElse(ttl('How long after that a response is given when the service fails.'), '10s'),
    tags: optional(
      notation(
        'headerSource',
        'The response header with tags to purge by, beside `Surrogate-Key`, `Cache-Tag` and `Cache-Groups`.',
      ),
    ),
    ignoreClientCacheControl: orElse(flag('`Cache-Control` and `Pragma` of requests change nothing.'), false),
    coalesce: orElse(flag('Those who ask for the same at once wait for one answer.'), true),
    coalesceWait: orElse(duration('How long they wait for its head before they ask themselves.'), '5s'),
    earlyRefresh: orElse(
      flag('What is asked for often is fetched anew shortly before it is stale, by one of those who ask.'),
      true,
    ),
    setCookie: orElse(
      choice(
        'What becomes of a response with `Set-Cookie`: it is not stored, stored without it, or stored with it and the same cookie given to all. The last only where no cookie says who somebody is.',
        ['refuse', 'strip', 'keep'],
      ),
      'refuse',
    ),
    headErrors: orElse(
      choice(
        'What becomes of 400, 413 and 431: never stored, or stored when the service itself says for how long. The latter only where they follow from the address and the key: otherwise who sends a bad head could have the error given to all.',
        ['refuse', 'explicit'],
      ),
      'refuse',
    ),
    checkContentType: orElse(
      flag('A path that ends like a picture, style or script is stored only with such a media type.'),
      false,
    ),
    queryMethod: orElse(flag('Whether QUERY is answered from memory as well, by what its body asks.'), false),
    mode,
  },
);
