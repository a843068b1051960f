import { NAME_PATTERN } from '../schema/names.ts';
import {
  anything,
  choice,
  duration,
  either,
  flag,
  foreign,
  integer,
  list,
  map,
  notation,
  optional,
  orElse,
  type Resolved,
  section,
  text,
  word,
  type Written,
} from '../schema/typebox.ts';
import { answers, fields } from './answers.ts';
import { expect } from './expect.ts';

/** A case can be called anything that fits a line. */
const CASE_NAME = '^[^\\r\\n]{1,200}$';
const MOST_REPEATS = 100_000;

const requestParts = {
  method: optional(word('The method; GET without it.')),
  path: optional(word('Path and query, as a client writes them.')),
  host: optional(word('Host, with a port if it is not the usual one.')),
  headers: orElse(fields, {}),
  query: orElse(
    map(
      { description: 'Parameters that are added to the query.', entry: 'parameter', pattern: '.' },
      text('A value.'),
    ),
    {},
  ),
  body: optional(text('The body, as text.')),
  json: optional(anything('The body, as JSON.')),
  bytes: optional(
    notation('size', 'A body of so many bytes that say nothing.', { minimum: 1, maximum: 2 ** 28 }),
  ),
  client: optional(word('Address of the client, or of the proxy in front of us.')),
  listener: optional(word('Where it comes in.')),
  http: optional(choice('Version of HTTP.', ['1.1', '2'])),
  certificate: optional(word('A file with the client certificate (PEM) that TLS has verified.')),
};

const request = either(
  'A request: `GET /path`, or its parts.',
  word('`METHOD /path?query`.'),
  section('Its parts.', requestParts),
);

const token = either(
  'A token of an identity provider.',
  word('The provider.'),
  section('Whose, and what it says.', {
    provider: word('The provider of the configuration that signs it.'),
    claims: orElse(
      foreign('Claims beside `iss`, `aud`, `iat` and `exp`, or in place of them; null takes one out.'),
      {},
    ),
    opaque: orElse(flag('Whether it is one that only the provider can read.'), false),
    forged: orElse(flag('Whether its signature is wrong.'), false),
  }),
);

const as = either(
  'A caller that the configuration knows.',
  word('A consumer.'),
  section('Which, and how it says so.', {
    consumer: word('A consumer.'),
    in: optional(notation('credentialSource', 'Where its key is: `header:x-api-key`, `query:key`.')),
  }),
);

const stepParts = {
  after: optional(duration('How much time passes before the request.')),
  request: optional(request),
  token: optional(token),
  as: optional(as),
  services: orElse(answers('service', NAME_PATTERN), {}),
  authorizers: orElse(answers('authorizer', '^(https?|grpcs?)://'), {}),
  repeat: optional(
    integer('So many of these, one after the other; all must be as expected.', 1, MOST_REPEATS),
  ),
  atOnce: optional(integer('So many of these at once.', 1, 10_000)),
  expect: optional(expect),
};

const step = section('One step: time that passes, a request, and what must come of it.', stepParts);

const testCase = section('A case. It begins with empty limits, caches and breakers.', {
  ...stepParts,
  skip: optional(word('Why it is left out.')),
  steps: orElse(
    list('Several steps; what is written beside them holds for each that says nothing else.', step),
    [],
  ),
});

/** A file of tests. */
export const testSchema = section('Tests of a configuration.', {
  config: optional(
    either('The configuration.', word('A file.'), list('Several files, merged.', word('A file.'))),
  ),
  now: orElse(notation('date', 'Where the clock of each case begins.'), '2026-01-01T12:00:00Z'),
  seed: orElse(integer('Of chance: the same seed makes the same choices.', 0, 2 ** 31 - 1), 1),
  env: orElse(
    map(
      {
        description: 'Variables that the configuration names, in place of those of the environment.',
        entry: 'variable',
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      },
      text('A value.'),
    ),
    {},
  ),
  lists: orElse(
    map(
      {
        description: 'What is in address lists that are fetched from a URL or read from a file.',
        entry: 'list',
        pattern: NAME_PATTERN,
      },
      list('Addresses and blocks.', notation('addressBlock', 'An address or block.')),
    ),
    {},
  ),
  request: orElse(section('What every request has that says nothing else.', requestParts), {}),
  services: orElse(answers('service', NAME_PATTERN), {}),
  authorizers: orElse(answers('authorizer', '^(https?|grpcs?)://'), {}),
  cases: map({ description: 'Cases by name.', entry: 'case', pattern: CASE_NAME }, testCase),
});

/** A file of tests as people write it. */
export type TestDocument = Written<typeof testSchema>;

/** The same with its defaults and units. */
export type TestFile = Resolved<typeof testSchema>;

/** A case with its defaults and units. */
export type TestCase = TestFile['cases'] extends ReadonlyMap<string, infer C> ? C : never;

/** A step with its defaults and units. */
export type TestStep = TestCase['steps'][number];

/** What a service answers. */
export type TestAnswer = Exclude<
  TestFile['services'] extends ReadonlyMap<string, infer A> ? A : never,
  readonly unknown[]
>;

/** What must come of a request. */
export type Expectation = NonNullable<TestStep['expect']>;

/** What a service must have got. */
export type UpstreamExpectation = Exclude<NonNullable<Expectation['upstream']>, 'none' | readonly unknown[]>;
