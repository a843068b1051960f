import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeFaults, describeWarnings, type Row } from '../test/faults.ts';
import { loadTexts } from '../test/fixtures.ts';

const KNOWN = 's: { endpoints: [grpc://a], grpc: { reflection: true } }';

/** A route with a translation, which is marked itself if `mark` says so. */
function translate(text: string, mark: '»' | '' = '', services = KNOWN): string {
  return `services: { ${services} }\nroutes: { r: { match: { path: /u }, service: s, ${mark}translate: ${text} } }`;
}

/** Rules of HTTP. */
function rule(text: string): string {
  return translate(`{ grpc: transcode, rules: [${text}] }`);
}

const TRANSCODE = '{ grpc: transcode }';

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  translate: [
    [translate('{}', '»'), 'MISSING_KEY'],
    [translate('{ grpc: »trans }'), 'BAD_VALUE'],
    [translate('{ grpc: transcode, »unknownquery: ignore }'), 'UNKNOWN_KEY', 'unknownQuery'],
    [translate('{ grpc: transcode, unknownQuery: »allow }'), 'BAD_VALUE'],
    [translate('{ grpc: transcode, messageSize: »0 }'), 'OUT_OF_RANGE'],
    [translate('{ grpc: transcode, streamAs: »xml }'), 'BAD_VALUE'],
    [translate(TRANSCODE, '»', 's: { endpoints: [grpc://a] }'), 'CONFLICT'],
    [translate(TRANSCODE, '»', KNOWN.replace('grpc://', 'http://')), 'CONFLICT'],
    [
      `services: { ${KNOWN}, t: { endpoints: [grpc://b] } }\nroutes: { r: { match: { path: /u }, service: s, »translate: ${TRANSCODE}, policies: { fallback: { service: t } } } }`,
      'CONFLICT',
    ],
  ],
  'rules of HTTP': [
    [rule('»{ selector: a.B.C }'), 'MISSING_KEY'],
    [rule('»{ selector: a.B.C, get: /a, post: /b }'), 'CONFLICT'],
    [rule('»{ get: /v1/a }'), 'MISSING_KEY'],
    [rule('{ selector: a.B.C, get: /a, body: »"*" }'), 'CONFLICT'],
    [rule('{ selector: a.B.C, get: »v1/a }'), 'BAD_VALUE', '/v1/a'],
    [rule('{ selector: a.B.C, get: »"/v1/{a" }'), 'BAD_VALUE'],
    [rule('{ selector: a.B.C, get: »"/v1/**/b" }'), 'BAD_VALUE'],
    [rule('{ selector: a.B.C, get: /a, additionalBindings: [{ post: »"/{x={y}}" }] }'), 'BAD_VALUE'],
    [rule('{ selector: a.B.C, get: /a, additionalBindings: [»{ body: "*" }] }'), 'MISSING_KEY'],
    [rule('{ selector: a.B.C, get: /a, additionalBindings: [{ »selector: x, get: /b }] }'), 'UNKNOWN_KEY'],
    [rule('{ selector: a.B.C, custom: { kind: »get, path: /a } }'), 'BAD_VALUE', 'GET'],
  ],
};

describeFaults(ERRORS);
describeWarnings(
  [[`routes: { r: { match: { path: /u }, respond: { body: a }, »translate: ${TRANSCODE} } }`, 'NO_EFFECT']],
  [
    translate(TRANSCODE),
    translate(TRANSCODE, '', KNOWN.replace('grpc://a]', 'http://a], connections: { http2: always }')),
    rule(
      '{ selector: a.B.C, get: "/v1/{name=a/*}:go", additionalBindings: [{ custom: { kind: PURGE, path: /x } }] }',
    ),
  ],
);

it('translate is resolved with its defaults, and rules with all their bindings', async () => {
  const binding =
    'selector: a.B.C, post: "/v1/{id}", body: "*", additionalBindings: [{ get: /x, responseBody: b }]';
  const text = rule(`{ ${binding} }`);
  const { config } = await loadTexts({ '/g.yaml': text }, {}, ['/g.yaml']);
  assert.deepEqual(config?.routes[0]?.translate, {
    kind: 'grpc-transcode',
    unknownQuery: 'refuse',
    ignoredQuery: [],
    unknownFields: 'refuse',
    emitDefaults: false,
    messageBytes: 4 * 1024 * 1024,
    streamAs: 'array',
    rules: [
      {
        selector: 'a.B.C',
        bindings: [
          { method: 'POST', template: '/v1/{id}', body: '*', responseBody: '' },
          { method: 'GET', template: '/x', body: '', responseBody: 'b' },
        ],
      },
    ],
  });
});
