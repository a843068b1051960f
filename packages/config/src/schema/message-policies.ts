import { mode } from './access-policies.ts';
import { CODINGS, WORTH_COMPRESSING } from '../compressible.ts';
import { FIELD_NAME_PATTERN } from './names.ts';
import { size } from './size.ts';
import { choice, either, list, map, notation, orElse, section, word } from './typebox.ts';

const template = notation(
  'requestTemplate',
  'Text; may hold `{header.x-tenant}`, `{identity.subject}` and the like. Where the request has none of it, nothing is set.',
);

const fields = (whose: string) =>
  section(`Header fields of ${whose}. What is removed goes first.`, {
    set: orElse(
      map(
        {
          description: 'In place of those with that name.',
          entry: 'header',
          pattern: FIELD_NAME_PATTERN,
        },
        template,
      ),
      {},
    ),
    add: orElse(
      map(
        {
          description: 'Beside those with that name.',
          entry: 'header',
          pattern: FIELD_NAME_PATTERN,
        },
        template,
      ),
      {},
    ),
    remove: orElse(list('Those with these names.', notation('fieldName', 'A name.')), []),
  });

const query = section('Parameters of the query. What is removed goes first.', {
  set: orElse(
    map({ description: 'In place of those with that name.', entry: 'parameter', pattern: '.' }, template),
    {},
  ),
  remove: orElse(list('Those with these names.', word('A name.')), []),
});

/** What changes on the way. */
export const transform = section(
  'Changes to what the service sees of a request, and the client of a response.',
  {
    request: orElse(
      section('Before the service sees it.', {
        headers: orElse(fields('requests'), {}),
        query: orElse(query, {}),
      }),
      {},
    ),
    response: orElse(section('Before the client sees it.', { headers: orElse(fields('responses'), {}) }), {}),
    mode,
  },
);

const coding = choice('A content coding.', CODINGS);

/** How responses become smaller. */
export const compress = either(
  'Compresses responses, in the way that the client likes best. `on`: as is sensible.',
  choice('What is sensible.', ['on']),
  section('In detail.', {
    codings: orElse(list('In this order, where the client has no wish.', coding), CODINGS),
    minBytes: orElse(size('Shorter responses stay as they are.'), '1KiB'),
    types: orElse(
      list(
        'Media types that are worth it.',
        notation('mediaRange', 'Such as `application/json`, `text/*` or `+json`.'),
      ),
      WORTH_COMPRESSING,
    ),
    mode,
  }),
);
