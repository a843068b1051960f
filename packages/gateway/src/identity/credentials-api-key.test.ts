import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialSource } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import { headersOf } from '../core/headers.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { compileConsumers } from './consumers/compile-consumers.ts';
import { ConsumerDirectory } from './consumers/consumer-directory.ts';
import { consumer, key, outcome, recalled } from './consumers/consumers-testing.ts';
import { apiKeyScheme } from './credentials-api-key.ts';

const HEADER: CredentialSource = { in: 'header', name: 'x-api-key' };
const QUERY: CredentialSource = { in: 'query', name: 'api key' };
const COOKIE: CredentialSource = { in: 'cookie', name: 'key' };

const KEYS = compileConsumers([
  consumer('a', { keys: [key('key-of-a'), key('spec!al/key+of&a')] }),
  consumer('b', { keys: [key('key-of-b')] }),
  consumer('long', { keys: [key('x'.repeat(512)), key('x'.repeat(513))] }),
]);

interface Asks {
  readonly query?: string;
  readonly fields?: readonly (readonly [string, string])[];
}

async function meet(
  sources: readonly CredentialSource[],
  { query = '', fields = [] }: Asks,
): Promise<string> {
  const scheme = apiKeyScheme(sources, new ConsumerDirectory(KEYS, manualClock()).byKey);
  const exchange = exchangeFrom({ query, headers: headersOf(...fields) });
  assert.equal(scheme.recall(exchange), null);
  if (!scheme.isCarried(exchange)) return 'not there';
  const found = outcome(await scheme.authenticate(exchange));
  assert.equal(recalled(scheme.recall(exchange)), found.includes(' ') ? null : found);
  return found;
}

const MALFORMED = 'UNAUTHENTICATED malformed';
const UNKNOWN = 'UNAUTHENTICATED unknown';

describe('an API key in a request', () => {
  const all = [HEADER, QUERY, COOKIE];
  const table: readonly (readonly [what: string, sources: readonly CredentialSource[], Asks, string])[] = [
    ['in a header', all, { fields: [['X-API-Key', 'key-of-a']] }, 'a'],
    ['in a query', all, { query: '?x=1&api+key=key-of-a' }, 'a'],
    ['escaped in a query', all, { query: '?api%20key=spec!al%2Fkey%2Bof%26a' }, 'a'],
    ['in a cookie', all, { fields: [['Cookie', 'a=b; key=key-of-a']] }, 'a'],
    ['in quotes in a cookie', all, { fields: [['Cookie', 'key="key-of-a"']] }, 'a'],
    ['nowhere', all, { query: '?x=1', fields: [['Cookie', 'a=b']] }, 'not there'],
    [
      'where nobody looks',
      [HEADER],
      { query: '?api+key=key-of-a', fields: [['Cookie', 'key=key-of-a']] },
      'not there',
    ],
    [
      'in two places: the first decides',
      all,
      { query: '?api+key=key-of-b', fields: [['x-api-key', 'key-of-a']] },
      'a',
    ],
    [
      'in two places, the other way round',
      [QUERY, HEADER],
      { query: '?api+key=key-of-b', fields: [['x-api-key', 'key-of-a']] },
      'b',
    ],
    [
      'wrong in the first place',
      all,
      { query: '?api+key=key-of-b', fields: [['x-api-key', 'wrong']] },
      UNKNOWN,
    ],
    [
      'twice in the header, the same',
      all,
      {
        fields: [
          ['x-api-key', 'key-of-a'],
          ['X-Api-Key', 'key-of-a'],
        ],
      },
      MALFORMED,
    ],
    ['twice in the query', all, { query: '?api+key=key-of-a&api+key=key-of-b' }, MALFORMED],
    [
      'twice in cookies',
      all,
      {
        fields: [
          ['Cookie', 'key=key-of-a'],
          ['Cookie', 'key=key-of-b'],
        ],
      },
      MALFORMED,
    ],
    ['two in one header', all, { fields: [['x-api-key', 'key-of-a, key-of-a']] }, UNKNOWN],
    ['empty in the header', all, { query: '?api+key=key-of-a', fields: [['x-api-key', '']] }, MALFORMED],
    ['empty in the query', all, { query: '?api+key' }, MALFORMED],
    ['badly escaped', all, { query: '?api+key=%zz' }, MALFORMED],
    ['of 512 characters', all, { fields: [['x-api-key', 'x'.repeat(512)]] }, 'long'],
    ['of 513 characters', all, { fields: [['x-api-key', 'x'.repeat(513)]] }, MALFORMED],
    ['of 8,000 characters', all, { query: `?api+key=${'%61'.repeat(8000)}` }, MALFORMED],
    ['wrong', all, { fields: [['x-api-key', 'key-of-c']] }, UNKNOWN],
  ];
  for (const [what, sources, asks, expected] of table) {
    it(`${what}: ${expected}`, async () => assert.equal(await meet(sources, asks), expected));
  }

  it('is told where to go, in text that fits into a field', () => {
    const quoted: CredentialSource = { in: 'query', name: 'a"b\\' };
    const foreign: CredentialSource = { in: 'query', name: 'schlüssel\n' };
    assert.deepEqual(
      apiKeyScheme([HEADER, quoted, foreign], new ConsumerDirectory(KEYS, manualClock()).byKey).challenges,
      [
        'ApiKey realm="turnpike", in="header", name="x-api-key"',
        String.raw`ApiKey realm="turnpike", in="query", name="a\"b\\"`,
        'ApiKey realm="turnpike", in="query", name="schl%C3%BCssel%0A"',
      ],
    );
  });
});
