import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appendCacheStatus, cacheStatusMember, type CacheOutcome } from './cache-status.ts';
import { fields } from './rules-testing.ts';
import { parseList } from './structured-fields.ts';

const forwarded: CacheOutcome = {
  kind: 'forwarded',
  reason: 'uri-miss',
  status: null,
  ttlMs: null,
  storing: 'not',
  waiting: 'alone',
};

const rows: readonly (readonly [
  section: string,
  outcome: CacheOutcome,
  detail: string,
  key: string | null,
  text: string,
])[] = [
  ['RFC 9211 §2.1', { kind: 'hit', ttlMs: 376_900 }, '', null, 'Turnpike; hit; ttl=376'],
  ['RFC 9211 §2.4', { kind: 'hit', ttlMs: -412_000 }, '', null, 'Turnpike; hit; ttl=-412'],
  ['RFC 9211 §2.2', forwarded, '', null, 'Turnpike; fwd=uri-miss'],
  ['RFC 9211 §2.2', { ...forwarded, reason: 'method' }, '', null, 'Turnpike; fwd=method'],
  [
    'RFC 9211 §2.3',
    { ...forwarded, reason: 'stale', status: 304, ttlMs: 60_000 },
    '',
    null,
    'Turnpike; fwd=stale; fwd-status=304; ttl=60',
  ],
  [
    'RFC 9211 §2.5',
    { ...forwarded, storing: 'stored', ttlMs: 5000 },
    '',
    null,
    'Turnpike; fwd=uri-miss; ttl=5; stored',
  ],
  ['RFC 9211 §2.6', { ...forwarded, waiting: 'collapsed' }, '', null, 'Turnpike; fwd=uri-miss; collapsed'],
  ['RFC 9211 §2.7', { kind: 'hit', ttlMs: 0 }, '', 'a"\\\n', 'Turnpike; hit; ttl=0; key="a\\"\\\\?"'],
  ['RFC 9211 §2.8', forwarded, 'no-store', null, 'Turnpike; fwd=uri-miss; detail=no-store'],
];

describe('cacheStatusMember', () => {
  for (const [section, outcome, detail, key, text] of rows) {
    it(`writes ${text} (${section})`, () => {
      const member = cacheStatusMember(outcome, detail, key);
      assert.equal(member, text);
      assert.deepEqual(parseList(member), [{ kind: 'token', value: 'Turnpike' }], 'a structured field');
    });
  }
});

describe('appendCacheStatus', () => {
  it('stands behind what was said before (RFC 9211 §2)', () => {
    const headers = fields('Cache-Status: Origin; hit');
    appendCacheStatus(headers, 'Turnpike; fwd=uri-miss');
    assert.equal(headers.getList('cache-status'), 'Origin; hit, Turnpike; fwd=uri-miss');
  });
});
