import {
  choice,
  duration,
  either,
  flag,
  list,
  map,
  notation,
  optional,
  orElse,
  scalar,
  section,
  word,
} from './typebox.ts';

/** Every policy can be tried out before it acts. */
export const mode = orElse(
  choice('`report` changes nothing and counts what it would have done.', ['on', 'report', 'off']),
  'on',
);

const addresses = (description: string) =>
  list(description, notation('addressRule', 'An address, a block such as 10.0.0.0/8, or `@name` of a list.'));

/** Who may come, by address. */
export const ipAccess = section('Who may come, by address. 403 for others.', {
  allow: optional(addresses('Only these.')),
  deny: orElse(addresses('Never these; wins over `allow`.'), []),
  mode,
});

const source = notation('credentialSource', '`header:NAME`, `query:NAME` or `cookie:NAME`.');

/** Who is calling. */
export const authenticate = section('Who is calling. 401 for nobody and for who proves it wrongly.', {
  with: either(
    'How callers may prove it.',
    word('An identity provider, or `consumers`.'),
    list('Several ways.', word('An identity provider, or `consumers`.')),
  ),
  optional: orElse(flag('Lets callers without credentials pass. Wrong ones never do.'), false),
  apiKeyFrom: orElse(list('Where API keys are looked for, in this order.', source), ['header:x-api-key']),
  forwardCredentials: orElse(
    choice('Which credentials the service gets to see.', ['none', 'tokens', 'all']),
    'tokens',
  ),
  mode,
});

const claim = scalar(
  'A value.',
  notation('valueTemplate', 'Text; may hold `{header.x-tenant}` and the like.'),
);

const fieldNames = (description: string) => orElse(list(description, notation('fieldName', 'A header.')), []);

const external = section('Asks a service, in the contract of Envoy’s external authorisation.', {
  url: notation(
    'decisionUrl',
    '`http://` or `https://` with a path in front of the request’s own, or `grpc://`.',
  ),
  timeout: orElse(duration('For its answer.'), '200ms'),
  onFailure: orElse(choice('What happens when it does not answer.', ['deny', 'allow']), 'deny'),
  cache: orElse(
    notation('duration', 'How long a decision is remembered. `0s`: not at all.', {
      minimum: 0,
      maximum: 86_400_000,
    }),
    '0s',
  ),
  requestHeaders: fieldNames('Request headers that it gets, beside `authorization` and `cookie`.'),
  upstreamHeaders: fieldNames('Headers of its answer that the service gets, when it allows.'),
  clientHeaders: fieldNames('Headers of its answer that the client gets, when it denies.'),
});

/** What callers may do. */
export const authorize = section('What callers may do; all that is given must hold. 403 for others.', {
  scopes: orElse(list('All of them.', notation('scope', 'A scope.')), []),
  anyScope: orElse(list('One of them.', notation('scope', 'A scope.')), []),
  claims: orElse(
    map(
      {
        description: 'Claims by name; dots lead into objects, and `\\.` is a dot of the name.',
        entry: 'claim',
        pattern: '.',
      },
      either('What it must be, or hold one of.', claim, list('One of them.', claim)),
    ),
    {},
  ),
  rule: optional(word('A CEL expression over `identity` and `request` that must be true.')),
  external: optional(external),
  mode,
});

/** As whom we call the service. */
export const upstreamCredentials = section(
  'As whom we call the service. Has one of clientCredentials and tokenExchange.',
  {
    clientCredentials: optional(word('An identity provider: a token of our own (RFC 6749 §4.4).')),
    tokenExchange: optional(word('An identity provider: another token for the caller’s (RFC 8693).')),
    scopes: orElse(list('What to ask for.', notation('scope', 'A scope.')), []),
    audience: optional(word('For whom.')),
    mode,
  },
);

/** How the service is told who is calling. */
export const forwardIdentity = choice(
  'Tells the service who is calling; inbound headers of that kind never pass.',
  ['off', 'headers', 'jwt'],
);
