import { size } from './size.ts';
import { choice, list, notation, orElse, section, word } from './typebox.ts';

const element = (description: string) => notation('xmlName', description);

/** HTTP and JSON to SOAP. */
export const soap = section('HTTP and JSON to an operation of a SOAP service.', {
  operation: element('The element in the body of the envelope.'),
  namespace: word('The namespace of that element, and of those in it.'),
  action: orElse(notation('fieldValue', 'What `SOAPAction` says, or in SOAP 1.2 `action`.'), ''),
  version: orElse(choice('Which SOAP the service speaks.', ['soap1.1', 'soap1.2']), 'soap1.1'),
  members: orElse(
    list(
      'The members that there are, in the order that the service wants. Any by default.',
      element('A name.'),
    ),
    [],
  ),
  lists: orElse(list('Elements of replies that are lists even if there is one.', element('A name.')), []),
  messageSize: orElse(size('The largest message, both ways.', 1), '1MiB'),
});
