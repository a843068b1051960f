import { mode } from './access-policies.ts';
import { FIELD_NAME_PATTERN } from './names.ts';
import { choice, either, flag, list, notation, offable, openSection, orElse, section } from './typebox.ts';

const header = notation('fieldName', 'A header.');

/** What browsers of other origins may do. */
export const cors = section('What pages of other origins may do (Fetch standard).', {
  origins: either(
    'Whose pages. `*`: everybody’s.',
    choice('Everybody’s.', ['*']),
    list(
      'These.',
      notation('browserOrigin', 'Scheme, host and port; `*` in front of the first dot is any subdomain.'),
    ),
  ),
  methods: orElse(
    list('With which methods. Empty: those of the route.', notation('method', 'In capital letters.')),
    [],
  ),
  headers: orElse(
    either(
      'With which headers beyond those that pages may send anyway.',
      choice('Those that they ask for.', ['*']),
      list('These.', header),
    ),
    [],
  ),
  exposeHeaders: orElse(list('Headers of the response that they may see.', header), []),
  credentials: orElse(flag('With cookies and other credentials.'), false),
  maxAge: orElse(
    notation('duration', 'How long browsers remember the answer to a preflight.', {
      minimum: 0,
      maximum: 86_400_000,
    }),
    '10m',
  ),
  privateNetwork: orElse(flag('From public pages to this private network.'), false),
  mode,
});

/** Response headers that make browsers careful. */
export const securityHeaders = either(
  'Response headers that make browsers careful. `on`: a sensible set; headers of the service go first.',
  choice('The sensible set.', ['on']),
  openSection(
    { description: 'The set with changes.', entry: 'header', pattern: FIELD_NAME_PATTERN },
    { mode },
    offable(notation('fieldValue', 'The value of the header, or `off`.')),
  ),
);
