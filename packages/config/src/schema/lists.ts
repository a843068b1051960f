import { NAME_PATTERN } from './names.ts';
import { list, map, notation, optional, orElse, section, word } from './typebox.ts';

const addressList = section('One list. Has one of addresses, file and url.', {
  addresses: optional(
    list('In place.', notation('addressBlock', 'An address, or a block such as 10.0.0.0/8.')),
  ),
  file: optional(
    word('In a file with one address or block a line, relative to the file that names it. Watched.'),
  ),
  url: optional(notation('httpUrl', 'At an address that gives the same text.')),
  refresh: orElse(
    notation('duration', 'How often the address is asked again.', {
      minimum: 1000,
      maximum: 24 * 86_400_000,
    }),
    '1h',
  ),
});

/** Named address lists. */
export const lists = map(
  { description: 'Named address lists, used as `@name`.', entry: 'list', pattern: NAME_PATTERN },
  addressList,
);
