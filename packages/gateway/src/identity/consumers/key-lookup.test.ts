import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import * as fc from '@turnpike/testkit/fast-check';
import { compileConsumers } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, key, outcome, recalled } from './consumers-testing.ts';

const clock = manualClock(1000);

function digest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

describe('an API key', () => {
  const data = compileConsumers([
    consumer('a', {
      keys: [key('first-key-of-a'), key('second-key-of-a', 5000)],
      scopes: ['read'],
      plan: 'gold',
      metadata: { tier: 1 },
    }),
    consumer('b', { keys: [key(digest('key-of-b'))] }),
    consumer('c'),
  ]);

  it('names its consumer, whichever of its keys it is', async () => {
    const lookup = new ConsumerDirectory(data, clock).byKey;
    assert.equal(outcome(await lookup.find('first-key-of-a')), 'a');
    assert.equal(outcome(await lookup.find('second-key-of-a')), 'a');
    assert.equal(outcome(await lookup.find('key-of-b')), 'b');
    assert.equal(outcome(await lookup.find('key-of-c')), 'UNAUTHENTICATED unknown');
  });

  it('makes an identity with what the consumer has', async () => {
    const found = await new ConsumerDirectory(data, clock).byKey.find('second-key-of-a');
    assert.ok(found.kind === 'identified');
    assert.equal(Object.getPrototypeOf(found.identity.claims), null);
    assert.deepEqual(found.cookies, []);
    assert.deepEqual(
      { ...found.identity, claims: { ...found.identity.claims } },
      {
        method: 'key',
        provider: 'consumers',
        subject: 'a',
        consumer: 'a',
        clientId: '',
        scopes: ['read'],
        claims: {},
        metadata: { tier: 1 },
        plan: 'gold',
        key: 'consumers:a',
        token: '',
        expiresAtMs: 5000,
      },
    );
  });

  it('is recalled after it was found, as the same identity', async () => {
    const lookup = new ConsumerDirectory(data, clock).byKey;
    assert.equal(lookup.recall('first-key-of-a'), null);
    const found = await lookup.find('first-key-of-a');
    assert.equal(lookup.recall('first-key-of-a'), found.kind === 'identified' ? found.identity : null);
    assert.equal(recalled(new ConsumerDirectory(data, clock).byKey.recall('first-key-of-a')), null);
  });

  it('is refused from the moment on in which it expires, also if it was recalled before', async () => {
    const own = manualClock(4999);
    const lookup = new ConsumerDirectory(data, own).byKey;
    assert.equal(outcome(await lookup.find('second-key-of-a')), 'a');
    assert.equal(recalled(lookup.recall('second-key-of-a')), 'a');
    own.advance(1);
    assert.equal(lookup.recall('second-key-of-a'), null);
    assert.equal(outcome(await lookup.find('second-key-of-a')), 'UNAUTHENTICATED expired');
    assert.equal(outcome(await lookup.find('first-key-of-a')), 'a');
  });

  it('is not what almost is one: a prefix, another case, its digest', async () => {
    const lookup = new ConsumerDirectory(data, clock).byKey;
    await lookup.find('key-of-b');
    const wrong = [
      'key-of-',
      'key-of-b ',
      'KEY-of-b',
      'key-of-b\0',
      '',
      digest('key-of-b'),
      digest('key-of-b').slice(7),
    ];
    for (const text of wrong) {
      assert.equal(lookup.recall(text), null, text);
      assert.equal(outcome(await lookup.find(text)), 'UNAUTHENTICATED unknown', text);
    }
  });

  it('is nobody’s unless it is exactly one that was given out', async () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }), {
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(keys, fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), async (texts, other) => {
        const consumers = texts.map((text, i) => consumer(`c${i}`, { keys: [key(text)] }));
        const lookup = new ConsumerDirectory(compileConsumers(consumers), clock).byKey;
        for (const text of [...texts, other]) {
          const i = texts.indexOf(text);
          assert.equal(outcome(await lookup.find(text)), i === -1 ? 'UNAUTHENTICATED unknown' : `c${i}`);
          assert.equal(recalled(lookup.recall(text)), i === -1 ? null : `c${i}`);
        }
      }),
    );
  });

  it('is offered only where a consumer has one', () => {
    assert.equal(new ConsumerDirectory(data, clock).byKey.isUsed, true);
    assert.equal(new ConsumerDirectory(compileConsumers([consumer('c')]), clock).byKey.isUsed, false);
  });
});
