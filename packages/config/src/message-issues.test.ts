import assert from 'node:assert/strict';
import { it } from 'node:test';
import { plainSource, readConfig } from './config.ts';
import { describeFaults, type Row } from '../test/faults.ts';

/** A route with a policy. */
function plain(text: string): string {
  return `services: { s: { endpoints: [http://a] } }\nroutes: { r: { service: s, match: { path: "/a/{id}" }, policies: { ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  transform: [
    [plain('transform: { request: { headers: { set: { »host: a } } } }'), 'BAD_VALUE'],
    [plain('transform: { request: { headers: { add: { »X-Forwarded-For: a } } } }'), 'BAD_VALUE'],
    [plain('transform: { response: { headers: { set: { »content-length: "1" } } } }'), 'BAD_VALUE'],
    [
      plain('transform: { request: { headers: { set: { x-a: »"{identity.subjct}" } } } }'),
      'BAD_VALUE',
      '{identity.subject}',
    ],
    [plain('transform: { request: { headers: { set: { x-a: »"{a" } } } }'), 'BAD_VALUE'],
    [plain('transform: { request: { headers: { set: { x-a: »"{path.other}" } } } }'), 'UNKNOWN_PARAMETER'],
    [plain('transform: { request: { query: { set: { v: »"{path.other}" } } } }'), 'UNKNOWN_PARAMETER'],
    [plain('transform: { response: { headers: { remove: [»"a b"] } } }'), 'BAD_VALUE'],
    [plain('transform: { response: { »query: {} } }'), 'UNKNOWN_KEY'],
  ],
  compress: [
    [plain('compress: »yes'), 'BAD_VALUE'],
    [plain('compress: { codings: [»deflate] }'), 'BAD_VALUE'],
    [plain('compress: { types: [»json] }'), 'BAD_VALUE'],
    [plain('compress: { codings: »[] }'), 'BAD_VALUE'],
    [plain('compress: { »level: 5 }'), 'UNKNOWN_KEY'],
  ],
};

describeFaults(ERRORS);

it('reads both in full', () => {
  const { config, issues } = readConfig([
    plainSource('a.yaml', {
      services: { s: { endpoints: ['http://a'] } },
      defaults: { policies: { compress: 'on' } },
      routes: {
        r: {
          service: 's',
          policies: {
            transform: {
              request: {
                headers: { set: { 'X-A': '{host}' }, remove: ['Cookie'] },
                query: { set: { v: '2' } },
              },
              response: { headers: { add: { 'X-B': 'b' } } },
              mode: 'report',
            },
          },
        },
      },
    }),
  ]);
  assert.deepEqual(issues, []);
  const { transform, compress } = config?.routes[0]?.policies ?? {};
  assert.deepEqual(transform, {
    mode: 'report',
    request: {
      headers: { set: [['X-A', '{host}']], add: [], remove: ['cookie'] },
      query: { set: [['v', '2']], remove: [] },
    },
    response: { headers: { set: [], add: [['X-B', 'b']], remove: [] } },
  });
  assert.deepEqual([compress?.codings, compress?.minBytes], [['zstd', 'br', 'gzip'], 1024]);
});
