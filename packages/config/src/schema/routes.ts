import { FIELD_NAME_PATTERN, NAME_PATTERN } from './names.ts';
import { policies } from './policies.ts';
import { STICKINESS } from './stickiness.ts';
import { translate } from './translate.ts';
import { choice, integer, list, map, notation, optional, orElse, section, text, word } from './typebox.ts';

const valueMatch = notation('valueMatch', 'Exact text, a /regular expression/, or * for any value.');

const match = section('Which requests. The most specific path wins, whatever the order.', {
  path: orElse(
    notation(
      'pathPattern',
      'Literal segments, whole-segment parameters `{id}`, and a trailing `/*`, captured as `rest`.',
    ),
    '/*',
  ),
  listeners: orElse(list('Through which doors. All by default.', word('A listener.')), []),
  hosts: orElse(
    list(
      'For which hosts. Any by default.',
      notation('hostPattern', 'Exact, `*.suffix` for any subdomain, or `*`. Without port.'),
    ),
    [],
  ),
  methods: orElse(list('With which methods. Any by default.', notation('method', 'In capital letters.')), []),
  headers: orElse(
    map(
      { description: 'Headers that must be there.', entry: 'header', pattern: FIELD_NAME_PATTERN },
      valueMatch,
    ),
    {},
  ),
  query: orElse(
    map(
      { description: 'Query parameters that must be there.', entry: 'parameter', pattern: '.' },
      valueMatch,
    ),
    {},
  ),
});

const rewrite = section('What the service sees instead. `path` or `stripPrefix`, not both.', {
  path: optional(notation('pathTemplate', 'Another path; `{id}` stands for a parameter of the pattern.')),
  stripPrefix: optional(notation('pathPrefix', 'Takes this off the front of the path.')),
  host: optional(notation('hostPattern', 'Another host.')),
});

const redirect = section('Answers with another address.', {
  to: notation('locationTemplate', 'A path or URL; `{id}` stands for a parameter of the pattern.'),
  status: orElse(choice('How permanent it is.', [301, 302, 303, 307, 308]), 308),
});

const respond = section('Answers at once, without a service.', {
  status: orElse(integer('The status.', 200, 599), 200),
  body: orElse(text('The body.'), ''),
  headers: orElse(
    map(
      { description: 'Header fields.', entry: 'header', pattern: FIELD_NAME_PATTERN },
      notation('fieldValue', 'The value of the field.'),
    ),
    {},
  ),
});

const services = map(
  { description: 'Several services and the share of each.', entry: 'service', pattern: NAME_PATTERN },
  integer('Its share, beside the others. 0: only those that are bound to it or sent there.', 0, 10_000),
);

const split = section('How callers are kept on one of `services`.', {
  sticky: optional(notation('cookieName', 'By a signed cookie.')),
  ...STICKINESS,
  override: optional(
    notation('headerSource', '`header:NAME`: a header in which trusted proxies name the service.'),
  ),
});

const route = section(
  'Requests of one kind, and what is done with them. Has one of service, services, redirect and respond.',
  {
    match: orElse(match, {}),
    service: optional(word('The service that answers.')),
    services: optional(services),
    split: optional(split),
    redirect: optional(redirect),
    respond: optional(respond),
    rewrite: optional(rewrite),
    upgrade: orElse(
      list('Protocols that a request may switch to.', choice('A protocol.', ['websocket'])),
      [],
    ),
    policies: orElse(policies, {}),
    ...translate,
  },
);

/** Which requests go where. */
export const routes = map(
  { description: 'Which requests go where.', entry: 'route', pattern: NAME_PATTERN },
  route,
);

/** Policies of every route. */
export const defaults = section('What every route has unless it says otherwise.', {
  policies: orElse(policies, {}),
});
