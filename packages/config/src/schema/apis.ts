import { NAME_PATTERN } from './names.ts';
import { policies } from './policies.ts';
import { flag, map, notation, orElse, section, word } from './typebox.ts';

const api = section('An OpenAPI document, and the service that does what it says.', {
  openapi: word('The document, a file. Each of its operations is a route.'),
  service: word('The service that answers.'),
  basePath: orElse(notation('pathPrefix', 'In front of the paths of the document.'), '/'),
  stripBasePath: orElse(flag('Takes it off again on the way to the service.'), true),
  validate: orElse(flag('Refuses what the document does not allow.'), true),
  policies: orElse(policies, {}),
});

/** OpenAPI documents that make routes. */
export const apis = map(
  { description: 'OpenAPI documents that make routes.', entry: 'API', pattern: NAME_PATTERN },
  api,
);
