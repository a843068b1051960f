import { FIELD_NAME_PATTERN } from '../schema/names.ts';
import {
  anything,
  choice,
  either,
  flag,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  scalar,
  section,
  text,
  word,
} from '../schema/typebox.ts';

const MATCH = 'Exact text, `/regex/` between slashes, or `*` for any value.';

const matches = (entry: string, pattern: string) =>
  map({ description: `By name: ${MATCH}`, entry, pattern }, scalar(MATCH, text(MATCH)));

const names = (description: string) => orElse(list(description, word('A name.')), []);

const upstream = section('A request that a service got.', {
  service: optional(word('The service.')),
  endpoint: optional(word('`host:port` of the endpoint.')),
  method: optional(word('The method.')),
  path: optional(word(`The path, without the query. ${MATCH}`)),
  host: optional(word(`The Host field. ${MATCH}`)),
  query: orElse(matches('parameter', '.'), {}),
  withoutQuery: names('Parameters that must not be there.'),
  headers: orElse(matches('field', FIELD_NAME_PATTERN), {}),
  withoutHeaders: names('Fields that must not be there.'),
  body: optional(text(`The body. ${MATCH}`)),
  json: optional(anything('The body as JSON: members that are not named may be anything.')),
});

/** What must come of a request. What is not named may be anything. */
export const expect = section('What must come of the request. What is not named may be anything.', {
  route: optional(word('The route that takes it, or `none`.')),
  status: optional(integer('The status of the response.', 100, 599)),
  code: optional(word('The code of the problem that we answer with, or `none`.')),
  refusedBy: optional(
    word(
      'The policy that refused it, such as `authorize`, or its rule, such as `authorize.scopes`; or `none`.',
    ),
  ),
  reported: optional(
    list('Policies in report mode that would have refused it: these and no others.', word('A policy.')),
  ),
  headers: orElse(matches('field', FIELD_NAME_PATTERN), {}),
  withoutHeaders: names('Fields that the response must not have.'),
  body: optional(text(`The body. ${MATCH}`)),
  json: optional(
    anything('The body as JSON: members that are not named may be anything; texts may be `/regex/` or `*`.'),
  ),
  cache: optional(
    choice('What the cache did.', ['hit', 'stale', 'revalidated', 'miss', 'coalesced', 'pass']),
  ),
  attempts: optional(integer('How often services were tried, mirrors not counted.', 0, 100)),
  took: optional(notation('duration', 'It takes at least so long, on the clock of the test.')),
  identity: optional(word('Who is calling: the subject of the token, or the consumer; or `none`.')),
  upstream: optional(
    either(
      'What services got: nothing (`none`), one request, or all of them in their order.',
      choice('Nothing.', ['none']),
      either('One or several.', upstream, list('All of them, in their order.', upstream)),
    ),
  ),
  statuses: optional(
    map(
      {
        description: 'Of requests that are repeated: how many had each status.',
        entry: 'status',
        pattern: '^[1-5][0-9][0-9]$',
      },
      integer('How many.', 0, 100_000),
    ),
  ),
  broken: orElse(flag('Whether the body of the response breaks off.'), false),
});
