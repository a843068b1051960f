import { mode } from './access-policies.ts';
import { FIELD_NAME_PATTERN } from './names.ts';
import { size } from './size.ts';
import {
  choice,
  duration,
  integer,
  list,
  map,
  notation,
  number,
  optional,
  orElse,
  section,
  text,
  word,
} from './typebox.ts';

/** Statuses of gRPC after which another attempt may help; whoever names one says that its calls may be repeated. */
const GRPC_CONDITIONS = [
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

/** Another attempt. */
export const retry = section('Another attempt, at another endpoint, for requests that may be repeated.', {
  attempts: orElse(integer('With the first.', 2, 5), 2),
  on: orElse(
    list(
      'After what.',
      choice(
        'No connection; an answer that broke off before its head; none in the time that the service has; a status; or one of gRPC.',
        ['connect-failure', 'reset', 'timeout', 429, 500, 502, 503, 504, ...GRPC_CONDITIONS],
      ),
    ),
    ['connect-failure', 'reset', 502, 503, 504],
  ),
  perTry: optional(duration('For the head of the answer to one attempt; what takes longer is tried again.')),
  budget: orElse(notation('percent', 'The share of the requests to a service that may be retries.'), '20%'),
  bodyBytes: orElse(size('Bodies up to this size are kept for another attempt.'), '64KiB'),
  methods: orElse(
    list(
      'Methods that may be repeated beside GET, HEAD, OPTIONS, TRACE, PUT, DELETE and QUERY.',
      notation('method', 'In capital letters.'),
    ),
    [],
  ),
  mode,
});

/** A second attempt while the first is under way. */
export const hedge = section(
  'A second attempt while the first is still under way; the first answer counts.',
  {
    after: orElse(notation('hedgeDelay', '`p95` of what the route took lately, or a time.'), 'p95'),
    budget: orElse(notation('percent', 'The share of requests that may be doubled.'), '5%'),
    mode,
  },
);

const headers = map(
  { description: 'Header fields.', entry: 'header', pattern: FIELD_NAME_PATTERN },
  notation('fieldValue', 'The value of the field.'),
);

/** What answers when the service does not. */
export const fallback = section('What answers when the service does not. Has one of service and respond.', {
  service: optional(word('Another service.')),
  respond: optional(
    section('A fixed response.', {
      status: orElse(integer('The status.', 200, 599), 200),
      body: orElse(text('The body.'), ''),
      headers: orElse(headers, {}),
    }),
  ),
  mode,
});

/** Copies of requests. */
export const mirror = section('Copies of requests for another service, whose answers nobody waits for.', {
  service: word('Where they go.'),
  percent: orElse(number('Of how many requests.', 0, 100), 100),
  bodyBytes: orElse(size('Requests with a larger body are not copied.'), '64KiB'),
  mode,
});

/** Faults on purpose. */
export const fault = section('Faults on purpose, for drills.', {
  delay: optional(
    section('Waits before the service is asked.', {
      percent: orElse(number('With how many requests.', 0, 100), 100),
      duration: duration('How long.'),
    }),
  ),
  abort: optional(
    section('Answers in place of the service.', {
      percent: orElse(number('How many requests.', 0, 100), 100),
      status: orElse(integer('With this status.', 400, 599), 503),
    }),
  ),
  mode,
});

/** How long callers wait. */
export const deadline = section(
  'How long callers wait, told in a header. `grpc-timeout` and `connect-timeout-ms` are understood in any case.',
  {
    header: orElse(
      notation('fieldName', 'Milliseconds; what is left of them is told to the service in the same header.'),
      'x-request-deadline',
    ),
  },
);
