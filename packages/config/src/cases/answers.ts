import { FIELD_NAME_PATTERN } from '../schema/names.ts';
import {
  anything,
  choice,
  either,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  scalar,
  section,
  text,
} from '../schema/typebox.ts';

/** Fields of a message. All of them are sent as they are written, also those about framing. */
export const fields = map(
  { description: 'Header fields by name.', entry: 'field', pattern: FIELD_NAME_PATTERN },
  either(
    'A value, or several lines of that name.',
    scalar('A value.', text('Text.')),
    list('Several lines.', text('A value.')),
  ),
);

const answer = section('What a service answers.', {
  status: orElse(integer('The status.', 200, 599), 200),
  headers: orElse(fields, {}),
  body: optional(text('The body, as text.')),
  json: optional(anything('The body, as JSON.')),
  delay: optional(notation('duration', 'For how long it says nothing, on the clock of the test.')),
  fails: optional(
    choice('Instead of an answer: it takes no connection, never answers, or closes the connection.', [
      'connect',
      'timeout',
      'reset',
    ]),
  ),
});

/** Played services by name: what each answers, always or one after the other. */
export const answers = (entry: string, pattern: string) =>
  map(
    { description: 'What each answers, by name.', entry, pattern },
    either(
      'An answer, or one after the other, of which the last stays.',
      answer,
      list('One after the other.', answer),
    ),
  );
