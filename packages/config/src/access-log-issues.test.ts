import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';

const log = (text: string): string => `telemetry: { accessLog: { ${text} } }\nadmin: off`;
const logs = (text: string): string => `telemetry: { accessLog: [${text}] }\nadmin: off`;
const many = Array.from({ length: 17 }, (_, i) => `f${i}: a`).join(', ');

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  'the access log': [
    [log('format: »jsno'), 'BAD_VALUE', 'json'],
    [log('»formats: json'), 'UNKNOWN_KEY', 'format'],
    [log('sample: »101%'), 'BAD_VALUE'],
    [log('sample: »0.5'), 'WRONG_TYPE'],
    [log('slow: »soon'), 'BAD_VALUE'],
    [log('redact: »x-secret'), 'WRONG_TYPE'],
    ['telemetry: { accessLog: »on }\nadmin: off', 'BAD_VALUE'],
  ],
  'fields of it': [
    [log('fields: { »a-b: x }'), 'BAD_VALUE'],
    [log(`fields: { »${'a'.repeat(33)}: x }`), 'BAD_VALUE'],
    [log('fields: { a: »"{header.}" }'), 'BAD_VALUE'],
    [log('fields: { a: »"{identity.plam}" }'), 'BAD_VALUE', '{identity.plan}'],
    [log('fields: { a: »"rule: " }'), 'BAD_VALUE'],
    [log('fields: { a: »"rule:request.pth" }'), 'BAD_VALUE'],
    [log('fields: { a: »"rule:response.statuss" }'), 'BAD_VALUE'],
    [log(`»fields: { ${many} }`), 'BAD_VALUE'],
  ],
  'where it goes': [
    [logs('{}, { to: »stdout, format: ecs }'), 'CONFLICT'],
    [logs('{ to: a.log }, { to: »./a.log }'), 'CONFLICT'],
    [logs('{ to: otlp }, { to: »otlp, otlp: "http://b" }'), 'CONFLICT'],
    [log('otlp: »"http://a:4318"'), 'CONFLICT'],
    [log('to: otlp, otlp: »collector'), 'BAD_VALUE'],
  ],
  rotation: [
    [log('»rotate: { size: 1MiB }'), 'CONFLICT'],
    [log('to: a.log, »rotate: { keep: 3 }'), 'BAD_VALUE'],
    [log('to: a.log, rotate: { size: »1KiB }'), 'OUT_OF_RANGE'],
    [log('to: a.log, rotate: { every: »1s }'), 'OUT_OF_RANGE'],
    [log('to: a.log, rotate: { size: 1MiB, keep: »-1 }'), 'OUT_OF_RANGE'],
  ],
  'the program log': [
    ['telemetry: { log: { level: »trace } }\nadmin: off', 'BAD_VALUE'],
    ['telemetry: { log: { format: »xml } }\nadmin: off', 'BAD_VALUE'],
  ],
};

describeFaults(ERRORS);

const field = (text: string): string =>
  log(`fields: { a: »"is ${text}", b: "{header.x-tenant}" }, redact: [X-Mine]`);

describeWarnings(
  ['{header.Authorization}', '{cookie.theme}', '{query.access_token}', '{header.x-mine}'].map((text) => [
    field(text),
    'NO_EFFECT',
  ]),
  [field('{header.x-tenant} {query.page}').replace('»', '')],
);
