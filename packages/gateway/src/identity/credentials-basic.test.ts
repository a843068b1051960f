import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import * as fc from '@turnpike/testkit/fast-check';
import type { Exchange } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import { exchangeFrom } from '../core/exchange-testing.ts';
import { compileConsumers } from './consumers/compile-consumers.ts';
import { ConsumerDirectory } from './consumers/consumer-directory.ts';
import { consumer, outcome, recalled } from './consumers/consumers-testing.ts';
import { basicScheme, parseBasic } from './credentials-basic.ts';

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString('base64');
}

describe('Basic credentials', () => {
  const right = [
    ['a:b', { username: 'a', password: 'b' }],
    ['a:', { username: 'a', password: '' }],
    [':b', { username: '', password: 'b' }],
    ['a:b:c', { username: 'a', password: 'b:c' }],
    ['läden:schlüssel €', { username: 'läden', password: 'schlüssel €' }],
    [`${'u'.repeat(256)}:${'p'.repeat(1024)}`, { username: 'u'.repeat(256), password: 'p'.repeat(1024) }],
  ] as const;
  for (const [text, credentials] of right) {
    it(`are read from ${text.slice(0, 30)}`, () => assert.deepEqual(parseBasic(base64(text)), credentials));
  }

  const wrong: readonly (readonly [what: string, token: string])[] = [
    ['nothing', ''],
    ['no colon', base64('ab')],
    ['no base64', 'a:b'],
    ['no padding', base64('a:bc').replaceAll('=', '')],
    ['too much padding', `${base64('a:b')}=`],
    ['base64url', base64('a:\u00ff\u00fe?>').replaceAll('+', '-').replaceAll('/', '_')],
    ['bits that mean nothing', 'YTpiYx=='],
    ['a space', `${base64('a:b')} `],
    ['two', `${base64('a:b')}, ${base64('a:b')}`],
    ['latin1', base64(Buffer.from('l\u00e4den:x', 'latin1'))],
    ['a surrogate', base64(Buffer.from([0x61, 0x3a, 0xed, 0xa0, 0x80]))],
    ['NUL', base64('a\0:b')],
    ['a line break', base64('a:b\n')],
    ['a long user name', base64(`${'u'.repeat(257)}:p`)],
    ['a long password', base64(`u:${'p'.repeat(1025)}`)],
    ['8,000 characters', 'A'.repeat(8000)],
  ];
  for (const [what, token] of wrong) {
    it(`are malformed with ${what}`, () => assert.equal(parseBasic(token), null));
  }

  it('are read as they were written, or not at all', () => {
    const user = fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .filter((text) => !/[:\p{Cc}\p{Cs}]/u.test(text));
    const word = fc
      .string({ unit: 'grapheme', maxLength: 8 })
      .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
    fc.assert(
      fc.property(user, word, (username, password) => {
        assert.deepEqual(parseBasic(base64(`${username}:${password}`)), { username, password });
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (token) => {
        const read = parseBasic(token);
        if (read !== null) assert.equal(base64(`${read.username}:${read.password}`), token);
      }),
    );
  });
});

function asking(authorization: string): Exchange {
  return exchangeFrom({ headers: headersOf(['Authorization', authorization]) });
}

describe('the Basic scheme', () => {
  const data = compileConsumers([consumer('a', { basic: [{ username: 'u', password: 'p' }] })]);
  const scheme = basicScheme(new ConsumerDirectory(data, manualClock()).byBasic);

  const table = [
    [`Basic ${base64('u:p')}`, 'a'],
    [`bAsIc   ${base64('u:p')}`, 'a'],
    [`Basic ${base64('u:q')}`, 'UNAUTHENTICATED unknown'],
    [`Basic\t${base64('u:p')}`, 'UNAUTHENTICATED malformed'],
    ['Basic', 'UNAUTHENTICATED malformed'],
    ['Basic ', 'UNAUTHENTICATED malformed'],
    ['Basic realm="x"', 'UNAUTHENTICATED malformed'],
  ] as const;
  for (const [authorization, expected] of table) {
    it(`says ${expected} to ${authorization}`, async () => {
      assert.equal(outcome(await scheme.authenticate(asking(authorization))), expected);
      assert.equal(recalled(scheme.recall(asking(authorization))), expected === 'a' ? 'a' : null);
    });
  }

  it('asks for UTF-8', () =>
    assert.deepEqual(scheme.challenges, ['Basic realm="turnpike", charset="UTF-8"']));
});
