import {
  choice,
  flag,
  list,
  map,
  notation,
  offable,
  onlyNeutral,
  orElse,
  planned,
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
  otlp: onlyNeutral(text('Where to push them. Only empty until it is built.'), ''),
});

/** What the gateway tells about what happens. */
export const telemetry = section('What the gateway tells about what happens.', {
  accessLog: orElse(offable(accessLog), {}),
  metrics: orElse(metrics, {}),
  ...planned({
    traces: ['Spans.', { otlp: 'Where to push them.', sample: 'How many.' }],
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
