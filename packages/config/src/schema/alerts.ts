import {
  choice,
  either,
  list,
  map,
  notation,
  number,
  optional,
  orElse,
  secret,
  secretNotation,
  section,
  text,
  word,
} from './typebox.ts';

const DAY_MS = 86_400_000;

const objective = section('An objective of a route or a service; it alerts when its budget burns too fast.', {
  route: optional(word('Whose requests count.')),
  service: optional(word('Or those that this service answers, on all routes.')),
  slo: notation('percent', 'How many of them must be good, such as 99.9%.'),
  window: orElse(
    notation('duration', 'Over which time.', { minimum: 7 * DAY_MS, maximum: 90 * DAY_MS }),
    '30d',
  ),
  latency: optional(
    notation('duration', 'Good is what is faster. Without it: what is not answered with 500 or more.', {
      minimum: 1,
      maximum: 10_000,
    }),
  ),
});

const threshold = section('A bound for a metric.', {
  metric: word('Its name: a counter, whose rate per second over five minutes counts, or a gauge.'),
  labels: orElse(
    map(
      { description: 'Only series with these labels count.', entry: 'label', pattern: '^[a-z_]+$' },
      text('The value.'),
    ),
    {},
  ),
  above: optional(number('It alerts above this: the rates together, or the largest gauge.', -1e15, 1e15)),
  below: optional(number('It alerts below this: the rates together, or the smallest gauge.', -1e15, 1e15)),
  for: orElse(
    notation('duration', 'When it has been so for that long.', { minimum: 0, maximum: DAY_MS }),
    '1m',
  ),
});

const webhook = section('Who is told.', {
  url: secretNotation('httpUrl', 'Where messages are posted to.'),
  shape: orElse(
    choice(
      'What messages look like: our JSON, a message of Slack, or an event of PagerDuty (Events API v2).',
      ['generic', 'slack', 'pagerduty'],
    ),
    'generic',
  ),
  key: optional(secret('Integration key of PagerDuty.')),
});

/** What people want to hear of. */
export const alerts = list(
  'What people want to hear of.',
  section('An alert.', {
    name: word('Of the alert; no two have the same.'),
    when: either('When it fires: an objective, or a bound for a metric.', objective, threshold),
    severity: optional(
      choice(
        'Of an objective both count, fast burns as `page` and slow ones as `ticket`, unless one is named here. A bound is a `page` without it.',
        ['page', 'ticket'],
      ),
    ),
    notify: either(
      'Who is told: an address, which gets our JSON, or more.',
      secretNotation('httpUrl', 'Where messages are posted to.'),
      webhook,
    ),
    silence: orElse(
      list(
        'When nobody wants to hear of it, as during planned work.',
        section('A time.', {
          from: notation('date', 'Its beginning.'),
          to: notation('date', 'Its end.'),
        }),
      ),
      [],
    ),
  }),
);
