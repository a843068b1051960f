import {
  choice,
  duration,
  integer,
  list,
  notation,
  optional,
  orElse,
  section,
  text,
  word,
} from './typebox.ts';

/** Asks endpoints how they are. */
export const health = section('Active checks. Real requests are watched in any case.', {
  type: orElse(
    choice('How endpoints are asked: by a request, a connection, or `grpc.health.v1`.', [
      'http',
      'tcp',
      'grpc',
    ]),
    'http',
  ),
  path: optional(notation('pathPrefix', 'What to ask for with `http`, such as /healthz.')),
  method: orElse(choice('With which method.', ['GET', 'HEAD']), 'GET'),
  host: optional(word('The `Host` to ask with. The endpoint’s own by default.')),
  statuses: orElse(
    list('Answers of the healthy.', notation('statusRange', 'A status, or a range such as 200-399.')),
    ['200-399'],
  ),
  service: orElse(text('The service to ask about with `grpc`. Empty: the server as a whole.'), ''),
  port: optional(integer('Another port for checks.', 1, 65_535)),
  interval: orElse(duration('Between two checks of an endpoint, ±20 %.'), '5s'),
  timeout: orElse(duration('For one answer.'), '1s'),
  healthyAfter: orElse(integer('Successes in a row.', 1, 100), 2),
  unhealthyAfter: orElse(integer('Failures in a row.', 1, 100), 3),
});

/** Puts endpoints out that fail real requests. */
export const outlierDetection = section('Puts endpoints out for a while that fail real requests.', {
  consecutiveFailures: orElse(
    integer(
      'Connections that failed, resets, timeouts, 502, 503 and 504 in a row that put one out.',
      1,
      1000,
    ),
    5,
  ),
  interval: orElse(duration('Between two looks at the shares of failures.'), '10s'),
  ejectFor: orElse(duration('How long, times the number of ejections.'), '30s'),
  maxEjectFor: orElse(duration('How long at most.'), '5m'),
  maxEjected: orElse(
    notation('percent', 'Of the endpoints of the service; one may always be out, the last one never.'),
    '30%',
  ),
});

/** Stops asking a service that fails as a whole. */
export const circuitBreaker = section('Stops asking a service that fails as a whole. 503 meanwhile.', {
  failureRate: orElse(notation('percent', 'The share of failures that opens it.'), '50%'),
  minimumRequests: orElse(integer('Before the share counts.', 1, 1_000_000), 20),
  window: orElse(duration('Over which the share is measured.'), '10s'),
  openFor: orElse(duration('Until it tries again; doubles each time it fails.'), '5s'),
  maxOpenFor: orElse(duration('The most to which that grows.'), '1m'),
});
