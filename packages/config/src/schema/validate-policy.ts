import { mode } from './access-policies.ts';
import { FIELD_NAME_PATTERN } from './names.ts';
import { size } from './size.ts';
import { choice, either, foreign, map, notation, optional, orElse, section, word } from './typebox.ts';

const schemas = (description: string, entry: string, pattern: string) =>
  optional(map({ description, entry, pattern }, foreign('A JSON Schema (2020-12).')));

/** Is it well formed. */
export const validate = section('Is it well formed. 400 with everything that is wrong for what is not.', {
  openapi: optional(word('An OpenAPI document; the operation is found by method and path.')),
  path: schemas('Without a document: schemas of the parameters of the path.', 'parameter', '.'),
  query: schemas('Schemas of query parameters.', 'parameter', '.'),
  headers: schemas('Schemas of headers.', 'header', FIELD_NAME_PATTERN),
  body: optional(
    either('What a JSON body must be.', word('A file with a JSON Schema.'), foreign('A JSON Schema.')),
  ),
  basePath: orElse(notation('pathPrefix', 'What is in front of the paths of the document.'), '/'),
  responses: orElse(
    choice('Responses too: `report` counts, `enforce` answers 502 instead.', ['off', 'report', 'enforce']),
    'off',
  ),
  unknownParameters: orElse(
    choice('Query parameters that the description does not have.', ['allow', 'refuse']),
    'allow',
  ),
  bodyBytes: orElse(size('Larger bodies are refused, because they have to be collected.', 1), '1MiB'),
  mode,
});
