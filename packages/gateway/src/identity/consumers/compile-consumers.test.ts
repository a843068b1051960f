import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { compileConsumers } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, key, outcome } from './consumers-testing.ts';

const PLAIN = 'a-key-of-some-length';
const DIGEST = createHash('sha256').update(PLAIN).digest('hex');

describe('compiled consumers', () => {
  it('hold no API key, and are the same in a thread', async () => {
    const configs = [
      consumer('a', { keys: [key(PLAIN)], plan: 'gold' }),
      consumer('b', { keys: [key(`sha256:${createHash('sha256').update('key-of-b').digest('hex')}`)] }),
    ];
    const data = compileConsumers(configs);
    for (const shared of [data.keys, data.records]) assert.ok(!Buffer.from(shared).includes(PLAIN));
    assert.ok(!JSON.stringify(data).includes(PLAIN));
    const { byKey } = new ConsumerDirectory(structuredClone(data), manualClock());
    assert.equal(outcome(await byKey.find(PLAIN)), 'a');
    assert.equal(outcome(await byKey.find('key-of-b')), 'b');
  });

  it('may repeat themselves: the same key again is only superfluous', async () => {
    const data = compileConsumers([consumer('a', { keys: [key(PLAIN), key(`sha256:${DIGEST}`)] })]);
    assert.equal(outcome(await new ConsumerDirectory(data, manualClock()).byKey.find(PLAIN)), 'a');
  });

  it('cannot have the same key, be it in plain text or as a digest', () => {
    const configs = [
      consumer('a', { keys: [key(PLAIN)] }),
      consumer('b', { keys: [key(`sha256:${DIGEST}`)] }),
    ];
    assert.throws(() => compileConsumers(configs), /^Error: Consumers a and b have the same key$/);
  });

  it('cannot have a hash that is too costly, and are told without it', () => {
    const password = '$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA';
    const configs = [consumer('a', { basic: [{ username: 'u', password }] })];
    assert.throws(
      () => compileConsumers(configs),
      (error: Error) => error.message === 'Consumer a: the password of u is not usable',
    );
  });

  it('cannot have a certificate whose subject is no name', () => {
    const certificates = [{ subject: 'warehouse', san: null, fingerprint: null }];
    assert.throws(() => compileConsumers([consumer('a', { certificates })]), /Consumer a: the subject/);
  });
});
