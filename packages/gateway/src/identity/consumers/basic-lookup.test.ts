import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { manualClock } from '@turnpike/testkit';
import { compileConsumers, type ConsumersData } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, outcome, recalled } from './consumers-testing.ts';
import { PasswordChecks } from './password-checks.ts';
import type { SlowHash } from './password-hash.ts';

function hashed(password: string): string {
  const bytes = scryptSync(password, 'saltsalt', 16, { N: 16, r: 8, p: 1 });
  const [salt, hash] = [Buffer.from('saltsalt'), bytes].map((part) =>
    part.toString('base64').replace(/=+$/, ''),
  );
  return `$scrypt$ln=4,r=8,p=1$${salt}$${hash}`;
}

const data = compileConsumers([
  consumer('a', { basic: [{ username: 'plain', password: 'secret' }] }),
  consumer('b', {
    basic: [
      { username: 'slow', password: hashed('secret') },
      { username: 'läden', password: hashed('schlüssel') },
    ],
  }),
]);

function basicLookup(consumers: ConsumersData, checks: PasswordChecks) {
  return new ConsumerDirectory(consumers, manualClock(), checks === undefined ? {} : { checks }).byBasic;
}

/** Counts what is verified. */
class CountingChecks extends PasswordChecks {
  readonly verified: string[] = [];

  override verify(hash: SlowHash, credentials: { readonly username: string; readonly password: string }) {
    this.verified.push(hash.text);
    return super.verify(hash, credentials);
  }
}

describe('a user name and a password', () => {
  const table = [
    ['plain', 'secret', 'a'],
    ['slow', 'secret', 'b'],
    ['läden', 'schlüssel', 'b'],
    ['plain', 'Secret', 'UNAUTHENTICATED unknown'],
    ['slow', 'wrong', 'UNAUTHENTICATED unknown'],
    ['slow', hashed('secret'), 'UNAUTHENTICATED unknown'],
    ['nobody', 'secret', 'UNAUTHENTICATED unknown'],
    ['', '', 'UNAUTHENTICATED unknown'],
    ['__proto__', 'secret', 'UNAUTHENTICATED unknown'],
  ] as const;
  for (const [username, password, expected] of table) {
    it(`${JSON.stringify(username)} and ${JSON.stringify(password)} are ${expected}`, async () => {
      const lookup = basicLookup(data, new PasswordChecks(manualClock()));
      assert.equal(outcome(await lookup.find({ username, password })), expected);
    });
  }

  it('are recalled: at once in plain text, and a minute long where it costs', async () => {
    const clock = manualClock();
    const lookup = basicLookup(data, new PasswordChecks(clock));
    assert.equal(recalled(lookup.recall({ username: 'plain', password: 'secret' })), 'a');
    assert.equal(lookup.recall({ username: 'plain', password: 'wrong' }), null);
    const slow = { username: 'slow', password: 'secret' };
    assert.equal(lookup.recall(slow), null);
    await lookup.find(slow);
    assert.equal(recalled(lookup.recall(slow)), 'b');
    clock.advance(60_000);
    assert.equal(lookup.recall(slow), null);
  });

  it('are recalled after a reload, unless the password is another', async () => {
    const checks = new PasswordChecks(manualClock());
    const slow = { username: 'slow', password: 'secret' };
    await basicLookup(data, checks).find(slow);
    assert.equal(recalled(basicLookup(data, checks).recall(slow)), 'b');
    const changed = consumer('b', { basic: [{ username: 'slow', password: hashed('other') }] });
    const reloaded = basicLookup(compileConsumers([changed]), checks);
    assert.equal(reloaded.recall(slow), null);
    assert.equal(outcome(await reloaded.find(slow)), 'UNAUTHENTICATED unknown');
  });

  it('cost as much for a name that nobody has: the password of another is verified', async () => {
    const slow = [hashed('one'), hashed('two'), hashed('three')];
    const consumers = slow.map((password, i) =>
      consumer(`c${i}`, { basic: [{ username: `u${i}`, password }] }),
    );
    const checks = new CountingChecks(manualClock());
    const lookup = basicLookup(compileConsumers(consumers), checks);
    await lookup.find({ username: 'nobody', password: 'x' });
    await lookup.find({ username: 'nobody', password: 'y' });
    const [first, second] = checks.verified;
    assert.ok(first !== undefined && slow.includes(first));
    assert.equal(second, first);
    // Even the right password of that other does not help.
    for (const password of ['one', 'two', 'three'])
      assert.equal(outcome(await lookup.find({ username: 'nobody', password })), 'UNAUTHENTICATED unknown');
  });

  it('are refused for the moment when too many wait', async () => {
    const checks = new PasswordChecks(manualClock());
    checks.verify = () => Promise.resolve('busy');
    const answer = await basicLookup(data, checks).find({ username: 'slow', password: 'secret' });
    assert.equal(outcome(answer), 'IDENTITY_UNAVAILABLE busy');
    assert.match(answer.kind === 'refused' ? answer.detail : '', /consumers/);
  });

  it('are offered only where a consumer has some', async () => {
    const checks = new PasswordChecks(manualClock());
    assert.equal(basicLookup(data, checks).isUsed, true);
    const none = basicLookup(compileConsumers([]), checks);
    assert.equal(none.isUsed, false);
    assert.equal(outcome(await none.find({ username: 'a', password: 'b' })), 'UNAUTHENTICATED unknown');
  });
});
