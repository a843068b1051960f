import { mode } from './access-policies.ts';
import { size } from './size.ts';
import { either, flag, integer, optional, orElse, section, word } from './typebox.ts';

const persisted = section('Operations that are known beforehand.', {
  path: word('A directory of `.graphql` files, or a manifest: a JSON object of texts by id.'),
  only: orElse(flag('Refuses all others.'), true),
});

/** Limits of GraphQL operations. */
export const graphql = section(
  'What GraphQL operations may ask for. Those that ask for more are refused before they are executed.',
  {
    maxDepth: orElse(integer('Nesting of fields; `{ a { b } }` is 2.', 1, 1000), 12),
    maxCost: orElse(
      integer(
        'Objects that it may touch, by the lengths of its lists and by `@cost` and `@listSize`.',
        1,
        1e9,
      ),
      1000,
    ),
    maxAliases: orElse(integer('Fields under another name.', 0, 10_000), 30),
    maxRootFields: orElse(integer('Fields of the query or mutation itself.', 1, 10_000), 20),
    maxDirectives: orElse(integer('Directives.', 0, 10_000), 50),
    maxTokens: orElse(integer('Names, numbers and signs in the document.', 10, 100_000), 2000),
    maxBatch: orElse(integer('Operations in one request. 1: no batches.', 1, 1000), 1),
    listSize: orElse(integer('Entries of a list that nothing is said of.', 1, 1_000_000), 10),
    introspection: orElse(flag('Whether the schema may be asked for.'), false),
    schema: optional(
      word('A file with the schema in its definition language: operations are checked against it.'),
    ),
    persistedOperations: optional(
      either('Operations that are known beforehand.', word('Their path; all others are refused.'), persisted),
    ),
    automaticPersistedOperations: orElse(
      flag('Clients may send the SHA-256 of a text that they have sent before instead of the text.'),
      false,
    ),
    bodyBytes: orElse(size('Larger bodies are refused, because they have to be collected.', 1), '1MiB'),
    mode,
  },
);
