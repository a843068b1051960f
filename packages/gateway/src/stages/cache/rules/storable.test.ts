import type { CacheConfig } from '@turnpike/config';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestDirectivesOf } from './request-directives.ts';
import { answerOf, AT_ONCE, cacheConfig, dateAt, fields, freshnessFrom } from './rules-testing.ts';
import { storingOf, type NotStored, type Question } from './storable.ts';

type Outcome = 'for-all' | 'for-caller' | NotStored;
type Asked = Partial<Pick<Question, 'method' | 'hasBody' | 'caller'>> & {
  readonly lines?: readonly string[];
};
type Row = readonly [
  section: string,
  asked: Asked,
  answered: readonly (string | number)[],
  Outcome,
  Partial<CacheConfig>?,
];

const fresh = 'Cache-Control: max-age=60';
const tagged = 'ETag: "a"';
const authorized: Asked = { lines: ['Authorization: x'] };
const known: Asked = { caller: 'known', lines: ['Authorization: x'] };
const heuristic = { heuristic: true };
const identity = (mode: CacheConfig['key']['identity']): Partial<CacheConfig> => ({
  key: { ...cacheConfig().key, identity: mode },
});

const table: readonly Row[] = [
  ['RFC 9111 §3', {}, [fresh], 'for-all'],
  ['RFC 9111 §3', {}, [`Expires: ${dateAt(60)}`], 'for-all'],
  ['RFC 9111 §3', {}, [], 'no-freshness'],
  ['RFC 9111 §3', {}, [tagged], 'no-freshness'],
  ['RFC 9111 §3', {}, [], 'for-all', { defaultTtlMs: 1000 }],
  ['RFC 9111 §3', {}, [404], 'for-all', { statusTtlMs: { 404: 1000 } }],
  ['RFC 9111 §3', {}, ['Cache-Control: public', tagged], 'for-all'],
  ['RFC 9111 §3', {}, ['Cache-Control: no-cache', tagged], 'for-all'],
  ['RFC 9111 §3', {}, [503, 'Cache-Control: no-cache', tagged], 'no-freshness'],
  ['of use', {}, ['Cache-Control: no-cache'], 'useless'],
  ['of use', {}, ['Cache-Control: max-age=0'], 'useless'],
  ['of use', {}, ['Cache-Control: max-age=60', 'Age: 60'], 'useless'],
  ['of use', {}, ['Cache-Control: max-age=60', 'Age: 60', tagged], 'for-all'],
  ['of use', {}, ['Cache-Control: max-age=0', `Last-Modified: ${dateAt(-5)}`], 'for-all'],
  ['of use', {}, ['Cache-Control: max-age=0, stale-while-revalidate=5'], 'for-all'],
  ['of use', {}, ['Cache-Control: max-age=0'], 'for-all', { staleIfErrorMs: 1000 }],
  ['of use', {}, ['Cache-Control: no-cache'], 'useless', { staleIfErrorMs: 1000 }],
  ['RFC 9110 §9.3.2', { method: 'HEAD' }, [fresh], 'method'],
  ['RFC 9110 §9.2.3', { method: 'PUT', hasBody: true }, [fresh], 'method'],
  ['RFC 9110 §9.2.3', { method: 'get' }, [fresh], 'method'],
  ['RFC 9110 §9.3.3', { method: 'POST', hasBody: true }, [fresh], 'method'],
  ['QUERY', { method: 'QUERY', hasBody: true }, [fresh], 'method'],
  ['QUERY', { method: 'QUERY', hasBody: true }, [fresh], 'for-all', { queryMethod: true }],
  ['fat GET', { hasBody: true }, [fresh], 'request-body'],
  ['RFC 9111 §5.2.1.5', { lines: ['Cache-Control: no-store'] }, [fresh], 'request-no-store'],
  ['RFC 9111 §5.2.2.5', {}, ['Cache-Control: max-age=60, no-store'], 'no-store'],
  ['RFC 9111 §5.2.2.3', {}, ['Cache-Control: max-age=60, no-store, must-understand'], 'for-all'],
  ['RFC 9111 §5.2.2.3', {}, [599, 'Cache-Control: max-age=60, must-understand'], 'not-understood'],
  ['RFC 9111 §5.2.2.3', {}, [599, fresh], 'for-all'],
  ['RFC 9111 §5.2.2.7', {}, ['Cache-Control: max-age=60, private'], 'private'],
  ['RFC 9111 §5.2.2.7', { caller: 'known' }, ['Cache-Control: max-age=60, private'], 'private'],
  ['RFC 9111 §5.2.2.7', {}, ['Cache-Control: max-age=60, private="x-a"'], 'for-all'],
  ['RFC 9213 §2.2', {}, ['CDN-Cache-Control: private', fresh], 'private'],
  ['RFC 9213 §2.2', {}, ['CDN-Cache-Control: max-age=60', 'Cache-Control: no-store'], 'for-all'],
  ['RFC 9111 §4.1', {}, [fresh, 'Vary: *'], 'vary'],
  ['RFC 9111 §4.1', {}, [fresh, 'Vary: Accept', 'Vary: , *'], 'vary'],
  ['RFC 9111 §4.1', {}, [fresh, 'Vary: Accept'], 'for-all'],
  ['RFC 9111 §3.3', {}, [206, fresh, 'Content-Range: bytes 0-4/10'], 'for-all'],
  ['RFC 9111 §3.3', {}, [206, fresh], 'status'],
  ['RFC 9111 §3.3', {}, [206, fresh, 'Content-Range: lines 0-4/10'], 'status'],
  ['RFC 9111 §4.3.4', {}, [304, fresh], 'status'],
  ['RFC 9110 §15.2', {}, [103, fresh], 'status'],
  ...[400, 413, 431].flatMap((status): Row[] => [
    ['CPDoS', {}, [status, fresh], 'status'],
    ['RFC 9111 §3', {}, [status, fresh], 'for-all', { headErrors: 'explicit' }],
    ['RFC 9111 §3', {}, [status], 'status', { headErrors: 'explicit', statusTtlMs: { [status]: 1000 } }],
    [
      'RFC 9111 §3',
      {},
      [status, `Last-Modified: ${dateAt(-600)}`],
      'status',
      { headErrors: 'explicit', ...heuristic },
    ],
  ]),
  ...[203, 204, 299, 301, 302, 303, 307, 308, 404, 410, 499, 500, 502, 503, 504].map((status): Row => [
    'RFC 9111 §3',
    {},
    [status, fresh],
    'for-all',
  ]),
  ...[500, 502, 503, 504].map((status): Row => ['5xx', {}, [status], 'no-freshness', { defaultTtlMs: 1000 }]),
  ['RFC 9110 §15.1', {}, [501, `Last-Modified: ${dateAt(-900)}`], 'for-all', heuristic],
  ['RFC 9110 §15.1', {}, [503, `Last-Modified: ${dateAt(-900)}`], 'no-freshness', heuristic],
  ['RFC 9111 §7.3', {}, [fresh, 'Set-Cookie: a=b'], 'set-cookie'],
  ['RFC 9111 §7.3', {}, [fresh, 'Set-Cookie: a=b'], 'for-all', { setCookie: 'strip' }],
  ['RFC 9111 §7.3', {}, [fresh, 'Set-Cookie: a=b'], 'for-all', { setCookie: 'keep' }],
  [
    'RFC 9111 §5.2.2.4',
    {},
    ['Cache-Control: max-age=60, no-cache="set-cookie"', 'Set-Cookie: a=b'],
    'for-all',
  ],
  ['RFC 9111 §3.5', authorized, [fresh], 'authorization'],
  ['RFC 9111 §3.5', authorized, [`Expires: ${dateAt(60)}`], 'authorization'],
  ['RFC 9111 §3.5', authorized, ['Cache-Control: max-age=60, public'], 'for-all'],
  ['RFC 9111 §3.5', authorized, ['Cache-Control: max-age=60, must-revalidate'], 'for-all'],
  ['RFC 9111 §3.5', authorized, ['Cache-Control: s-maxage=60'], 'for-all'],
  ['RFC 9111 §3.5', authorized, [fresh], 'authorization', identity('never')],
  ['per caller', known, [fresh], 'for-caller'],
  ['per caller', { caller: 'known' }, [fresh], 'for-caller'],
  ['per caller', known, ['Cache-Control: max-age=60, must-revalidate'], 'for-caller'],
  ['per caller', known, ['Cache-Control: max-age=60, public'], 'for-all'],
  ['per caller', known, ['Cache-Control: s-maxage=60'], 'for-all'],
  ['per caller', known, ['Cache-Control: s-maxage=60, public'], 'for-caller', identity('always')],
  ['per caller', known, [fresh], 'for-all', identity('never')],
  ['per caller', {}, [fresh], 'for-all', identity('always')],
];

function outcomeOf(
  asked: Asked,
  answered: readonly (string | number)[],
  changes?: Partial<CacheConfig>,
): Outcome {
  const headers = fields(...(asked.lines ?? []));
  const question: Question = {
    method: asked.method ?? 'GET',
    headers,
    wishes: requestDirectivesOf(headers),
    hasBody: asked.hasBody ?? false,
    caller: asked.caller ?? 'unknown',
  };
  const answer = answerOf(...answered);
  const candidate = { ...answer, timing: AT_ONCE, freshness: freshnessFrom(answer, changes) };
  const storing = storingOf(question, candidate, cacheConfig(changes));
  return storing.kind === 'not' ? storing.reason : storing.kind;
}

describe('storingOf', () => {
  for (const [section, asked, answered, outcome, changes] of table) {
    const name = [asked.method ?? 'GET', ...(asked.lines ?? []), asked.caller ?? '', '→', ...answered].join(
      ' ',
    );
    it(`says ${outcome} of ${name} ${JSON.stringify(changes ?? {})} (${section})`, () => {
      assert.equal(outcomeOf(asked, answered, changes), outcome);
    });
  }
});
