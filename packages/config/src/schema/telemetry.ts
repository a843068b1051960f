import {
  choice,
  duration,
  flag,
  list,
  map,
  notation,
  offable,
  onlyNeutral,
  optional,
  orElse,
  planned,
  integer,
  secret,
  section,
  text,
  word,
} from './typebox.ts';

const accessLog = section('One line a request.', {
  format: orElse(choice('Its form.', ['json'], ['ecs', 'common']), 'json'),
  to: orElse(word('stdout, stderr, or a file, relative to the file that names it.'), 'stdout'),
  fields: onlyNeutral(
    map(
      { description: 'More fields. Only {} until it is built.', entry: 'field', pattern: '.' },
      text('A template.'),
    ),
    {},
  ),
  sample: onlyNeutral(notation('percent', 'How many requests. Only 100% until it is built.'), '100%'),
  redact: orElse(
    list(
      'Headers whose values are never written. The log writes no header values, so any list holds.',
      text('A header.'),
    ),
    [],
  ),
});

const metrics = section('Numbers about requests.', {
  prometheus: orElse(flag('Offers /metrics on the admin API.'), true),
  otlp: orElse(
    notation(
      'collectorUrl',
      'Base address of a collector, which gets them at `/v1/metrics`; empty: what `OTEL_EXPORTER_OTLP_ENDPOINT` says. Without both nothing is pushed.',
    ),
    '',
  ),
  interval: optional(
    notation(
      'duration',
      'How often they are pushed. Without it what `OTEL_METRIC_EXPORT_INTERVAL` says, or 1m.',
      {
        minimum: 1000,
        maximum: 3_600_000,
      },
    ),
  ),
});

const traces = section('A span for each request and for each attempt at a service.', {
  otlp: orElse(
    notation(
      'collectorUrl',
      'Base address of a collector, which gets them at `/v1/traces`; empty: what `OTEL_EXPORTER_OTLP_ENDPOINT` says.',
    ),
    '',
  ),
  sample: orElse(
    notation(
      'percent',
      'How many of the traces that begin here. Those that began at a caller who is believed go on as it has decided.',
    ),
    '10%',
  ),
  maxPerSecond: optional(
    integer('No more than so many of them begin, for each route and data thread.', 1, 100_000),
  ),
  always: orElse(
    list(
      'Whose spans are told although they were not sampled.',
      choice('Errors are answers from 500 on; slow ones took `slow` or longer.', ['errors', 'slow']),
    ),
    ['errors', 'slow'],
  ),
  slow: orElse(duration('From when on a request is slow.'), '1s'),
  trust: orElse(
    choice(
      'Whose trace context and baggage is believed: that of trusted proxies of the listener, of everybody, or of nobody.',
      ['proxies', 'everybody', 'nobody'],
    ),
    'proxies',
  ),
});

const otlp = section(
  'How all of it is pushed. What is not said here, variables say, as `OTEL_EXPORTER_OTLP_TIMEOUT`.',
  {
    headers: orElse(
      map(
        { description: 'For the collector, beside ours.', entry: 'header', pattern: '^[A-Za-z0-9_-]+$' },
        secret('Its value, best from `${env:NAME}`.'),
      ),
      {},
    ),
    timeout: optional(duration('For one request; 10s without it.')),
    compression: optional(choice('`gzip` without it.', ['gzip', 'none'])),
    authorities: optional(
      word(
        'A PEM file with the authorities that vouch for the collector. Those that Node.js knows by default.',
      ),
    ),
    resource: orElse(
      map(
        {
          description: 'Attributes of this gateway, such as `service.name`, which is `turnpike` without it.',
          entry: 'attribute',
          pattern: '.',
        },
        text('Its value.'),
      ),
      {},
    ),
  },
);

/** What the gateway tells about what happens. */
export const telemetry = section('What the gateway tells about what happens.', {
  accessLog: orElse(offable(accessLog), {}),
  metrics: orElse(metrics, {}),
  traces: orElse(offable(traces), 'off'),
  otlp: orElse(otlp, {}),
  ...planned({
    alerts: [
      'Burn rates of objectives.',
      {
        name: 'Of the alert.',
        when: ['What.', { route: 'Which.', slo: 'The objective.', window: 'Over which time.' }],
        notify: 'A webhook.',
      },
    ],
  }),
});
