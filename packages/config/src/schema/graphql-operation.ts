import { size } from './size.ts';
import { optional, orElse, section, word } from './typebox.ts';

/** HTTP and JSON to one operation of a GraphQL service. */
export const graphqlOperation = section('HTTP and JSON to one operation of a GraphQL service.', {
  operation: word(
    'The file with the operation, whose variables are the parameters; or a manifest or directory of several.',
  ),
  id: optional(word('Which of several: its name in the manifest, or that of its file.')),
  field: optional(
    word('The field of `data` that is the answer; 404 when it is null. All of `data` by default.'),
  ),
  messageSize: orElse(size('The largest message, both ways.', 1), '1MiB'),
});
