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
    [translate('{ grpc: »trans }'), 'BAD_VALUE', 'transcode'],
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
  'translate for the web': [
    [translate('{ grpc: web, »rules: [{ selector: a.B.C, get: /a }] }'), 'CONFLICT'],
    [translate('{ grpc: web, »streamAs: sse }'), 'CONFLICT'],
    [translate('{ grpc: web, »unknownQuery: ignore }'), 'CONFLICT'],
    [translate('{ grpc: web, »ignoredQuery: [a] }'), 'CONFLICT'],
    [translate('{ grpc: web, connectGet: »all }'), 'BAD_VALUE'],
    [translate('{ grpc: web, connectVersion: »v1 }'), 'BAD_VALUE'],
    [translate('{ grpc: web }', '»', KNOWN.replace('grpc://', 'http://')), 'CONFLICT'],
  ],
  'translate to SOAP': [
    [translate('{ soap: { operation: »"a:b", namespace: u } }'), 'BAD_VALUE'],
    [translate('{ »soap: { namespace: u } }'), 'MISSING_KEY'],
    [translate('{ »soap: { operation: A } }'), 'MISSING_KEY'],
    [translate('{ soap: { operation: A, namespace: u, version: »soap1.3 } }'), 'BAD_VALUE', 'soap1.1'],
    [translate('{ soap: { operation: A, namespace: u, action: »"a\\nb" } }'), 'BAD_VALUE'],
    [translate('{ soap: { operation: A, namespace: u, members: [»"a b"] } }'), 'BAD_VALUE'],
    [translate('{ soap: { operation: A, namespace: u, »list: [a] } }'), 'UNKNOWN_KEY', 'lists'],
    [translate('{ soap: { operation: A, namespace: u }, »messageSize: 1MiB }'), 'CONFLICT'],
    [
      translate('{ soap: { operation: A, namespace: u }, »rules: [{ selector: a.B.C, get: /a }] }'),
      'CONFLICT',
    ],
    [translate('{ grpc: web, soap: { operation: A, namespace: u } }', '»'), 'CONFLICT'],
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
    translate(
      '{ grpc: web, unknownFields: ignore, emitDefaults: true, connectGet: any, connectVersion: required }',
    ),
    translate('{ grpc: web }', '', 's: { endpoints: [grpc://a] }'),
    translate('{ soap: { operation: A, namespace: u } }', '', 's: { endpoints: [http://a] }'),
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

it('translate for the web lets scripts send and read what they need, where scripts may at all', async () => {
  const cors = 'cors: { origins: ["https://a"], headers: [X-User-Agent, key], exposeHeaders: [cost] }';
  const text = `services: { ${KNOWN} }
routes:
  open: { match: { path: /a }, service: s, translate: { grpc: web }, policies: { ${cors} } }
  plain: { match: { path: /b }, service: s, translate: { grpc: web } }
  other: { match: { path: /c }, service: s, policies: { ${cors} } }`;
  const { config } = await loadTexts({ '/g.yaml': text }, {}, ['/g.yaml']);
  const [open, plain, other] = config?.routes ?? [];
  assert.deepEqual(open?.translate, {
    kind: 'grpc-web',
    unknownFields: 'refuse',
    emitDefaults: false,
    messageBytes: 4 * 1024 * 1024,
    connectGet: 'safe',
    connectVersion: 'optional',
  });
  assert.deepEqual(open?.policies.cors?.headers, [
    'x-user-agent',
    'key',
    'content-type',
    'connect-protocol-version',
    'connect-timeout-ms',
    'grpc-timeout',
    'x-grpc-web',
  ]);
  assert.deepEqual(open?.policies.cors?.exposeHeaders, [
    'cost',
    'grpc-status',
    'grpc-message',
    'grpc-status-details-bin',
  ]);
  assert.equal(plain?.policies.cors, null);
  assert.deepEqual(other?.policies.cors?.exposeHeaders, ['cost']);
});

it('translate to SOAP is resolved with its defaults', async () => {
  const text = translate('{ soap: { operation: A, namespace: "urn:u" } }').replace(
    'path: /u',
    'path: "/u/{id}"',
  );
  const { config } = await loadTexts({ '/g.yaml': text }, {}, ['/g.yaml']);
  assert.deepEqual(config?.routes[0]?.translate, {
    kind: 'soap',
    operation: 'A',
    namespace: 'urn:u',
    action: '',
    version: 'soap1.1',
    members: [],
    lists: [],
    messageBytes: 1024 * 1024,
    parameters: ['id'],
  });
});
