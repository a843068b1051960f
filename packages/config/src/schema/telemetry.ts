import { LOG_COMPONENTS, type LogComponent } from '../log-components.ts';
import { alerts } from './alerts.ts';
import { LOG_FIELD, LOG_FIELD_PATTERN } from './names.ts';
import { size } from './size.ts';
import {
  choice,
  duration,
  either,
  flag,
  integer,
  list,
  map,
  notation,
  offable,
  optional,
  orElse,
  secret,
  section,
  text,
  word,
} from './typebox.ts';

const rotation = section('When a new file is begun. Old ones are named after the moment.', {
  size: optional(size('When it is that large. Looked at every second.', 4096)),
  every: optional(
    notation('duration', 'At each multiple of this time, in UTC: `1d` is at midnight.', {
      minimum: 60_000,
      maximum: 366 * 86_400_000,
    }),
  ),
  keep: orElse(integer('How many old files stay.', 0, 10_000), 7),
  gzip: orElse(flag('Compresses old files.'), true),
});

const accessLog = section('One line a request.', {
  format: orElse(
    choice(
      'Its form: our JSON, JSON in Elastic Common Schema, or the formats of Apache httpd of these names.',
      ['json', 'ecs', 'common', 'combined'],
    ),
    'json',
  ),
  to: orElse(
    word(
      'stdout, stderr, otlp (a collector of OpenTelemetry, which gets records instead of lines), or a file, relative to the file that names it.',
    ),
    'stdout',
  ),
  otlp: orElse(
    notation(
      'collectorUrl',
      'With `to: otlp`: base address of the collector, which gets them at `/v1/logs`; empty: what `OTEL_EXPORTER_OTLP_ENDPOINT` says.',
    ),
    '',
  ),
  rotate: optional(rotation),
  fields: orElse(
    map(
      { description: 'More fields, at most 16.', entry: LOG_FIELD, pattern: LOG_FIELD_PATTERN },
      notation(
        'logField',
        'Text; may hold `{header.x-tenant}`, `{identity.plan}` and the like. Or `rule:` and an expression in CEL, such as `rule:response.headers["x-cache"]`.',
      ),
    ),
    {},
  ),
  sample: orElse(
    notation('percent', 'How many of the requests that are neither errors nor slow are written.'),
    '100%',
  ),
  slow: orElse(duration('From here on a request is slow, and written whatever `sample` says.'), '1s'),
  redact: orElse(
    list(
      'Headers and parameters of the query whose values no line shows, beside those that carry credentials by their nature.',
      word('A name.'),
    ),
    [],
  ),
});

const accessLogs = either(
  'One line a request. Several logs are a list.',
  offable(accessLog),
  list('Several logs, each to a place of its own.', accessLog),
);

const logLevel = (description: string) => optional(choice(description, ['debug', 'info', 'warn', 'error']));

const logComponents = section(
  'Parts of the program with a level of their own.',
  Object.fromEntries(
    Object.entries(LOG_COMPONENTS).map(([name, about]) => [name, logLevel(`Of what is about ${about}.`)]),
  ) as Record<LogComponent, ReturnType<typeof logLevel>>,
);

const programLog = section('The log of the program, on standard error.', {
  level: logLevel('The least that is written. Without it, what the command line says.'),
  components: orElse(logComponents, {}),
  format: orElse(choice('`auto`: text on a terminal, JSON elsewhere.', ['auto', 'json', 'text']), 'auto'),
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

const debug = section('Who brings a token gets the trace of its request: `turnpike debug-token`.', {
  secret: secret('What tokens are signed with: at least 32 characters, best from `${env:NAME}`.', 32),
});

/** What the gateway tells about what happens. */
export const telemetry = section('What the gateway tells about what happens.', {
  accessLog: orElse(accessLogs, {}),
  log: orElse(programLog, {}),
  metrics: orElse(metrics, {}),
  traces: orElse(offable(traces), 'off'),
  otlp: orElse(otlp, {}),
  debug: optional(debug),
  alerts: orElse(alerts, []),
});
