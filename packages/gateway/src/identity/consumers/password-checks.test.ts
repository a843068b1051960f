import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { manualClock } from '@turnpike/testkit';
import { PasswordChecks, type Verdict } from './password-checks.ts';
import type { SlowHash } from './password-hash.ts';

/** A hash whose work is done when the test says so; the password `right` meets it. */
class Work implements SlowHash {
  readonly kind = 'slow';
  readonly expected = Buffer.from('right');
  readonly text: string;
  /** What ends the work that has begun and is not done. */
  readonly open: (() => void)[] = [];
  begun = 0;
  most = 0;

  constructor(text = 'hash') {
    this.text = text;
  }

  readonly derive = async (password: string): Promise<Buffer> => {
    this.begun++;
    await new Promise<void>((resolve) => {
      this.open.push(resolve);
      this.most = Math.max(this.most, this.open.length);
    });
    return Buffer.from(password === 'right' ? 'right' : 'wrong');
  };

  /** Ends all work, also what begins because of that. */
  async finish(): Promise<void> {
    while (this.open.length > 0) {
      this.open.shift()?.();
      await setImmediate();
    }
  }
}

function credentials(password: string, username = 'user') {
  return { username, password };
}

async function verdictOf(checks: PasswordChecks, work: Work, password: string): Promise<Verdict> {
  const verdict = checks.verify(work, credentials(password));
  await setImmediate();
  await work.finish();
  return verdict;
}

describe('the verdict on a password', () => {
  it('is remembered for a minute, right or wrong', async () => {
    const clock = manualClock();
    const checks = new PasswordChecks(clock);
    const work = new Work();
    assert.equal(checks.recall(work, credentials('right')), null);
    assert.equal(await verdictOf(checks, work, 'right'), 'right');
    assert.equal(await verdictOf(checks, work, 'other'), 'wrong');
    clock.advance(59_999);
    assert.equal(checks.recall(work, credentials('right')), 'right');
    assert.equal(await verdictOf(checks, work, 'other'), 'wrong');
    assert.equal(work.begun, 2);
    clock.advance(1);
    assert.equal(checks.recall(work, credentials('right')), null);
    assert.equal(await verdictOf(checks, work, 'right'), 'right');
    assert.equal(work.begun, 3);
  });

  it('is about one user name, one password and one hash', async () => {
    const checks = new PasswordChecks(manualClock());
    const work = new Work();
    await verdictOf(checks, work, 'right');
    assert.equal(checks.recall(work, credentials('right', 'other')), null);
    assert.equal(checks.recall(work, credentials('wrong')), null);
    assert.equal(checks.recall(new Work('new hash'), credentials('right')), null);
    assert.equal(checks.recall(work, { username: 'use', password: 'rright' }), null);
  });

  it('is found once for all who ask at the same time', async () => {
    const checks = new PasswordChecks(manualClock());
    const work = new Work();
    const asked = Array.from({ length: 200 }, () => checks.verify(work, credentials('right')));
    await setImmediate();
    await work.finish();
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['right']));
    assert.equal(work.begun, 1);
  });

  it('waits for its turn, and is busy when too many wait', async () => {
    const checks = new PasswordChecks(manualClock());
    const work = new Work();
    const asked = Array.from({ length: 100 }, (_, i) => checks.verify(work, credentials(`guess ${i}`)));
    await setImmediate();
    assert.equal(work.open.length, 2);
    await work.finish();
    const verdicts = await Promise.all(asked);
    assert.equal(verdicts.filter((verdict) => verdict === 'wrong').length, 66);
    assert.equal(verdicts.filter((verdict) => verdict === 'busy').length, 34);
    assert.equal(work.most, 2);
    assert.equal(await verdictOf(checks, work, 'right'), 'right');
  });

  it('is not missed by others when one cannot be found', async () => {
    const checks = new PasswordChecks(manualClock());
    const broken: SlowHash = {
      kind: 'slow',
      text: 'broken',
      expected: Buffer.from('right'),
      derive: () => Promise.reject(new Error('out of memory')),
    };
    for (let i = 0; i < 5; i++)
      await assert.rejects(checks.verify(broken, credentials('right')), /out of memory/);
    assert.equal(await verdictOf(checks, new Work(), 'right'), 'right');
  });

  it('on right passwords is not forgotten for a flood of wrong ones', async () => {
    const checks = new PasswordChecks(manualClock());
    const quick: SlowHash = {
      kind: 'slow',
      text: 'quick',
      expected: Buffer.from('right'),
      derive: (password) => Promise.resolve(Buffer.from(password === 'right' ? 'right' : 'wrong')),
    };
    await checks.verify(quick, credentials('right'));
    for (let i = 0; i < 25_000; i++) await checks.verify(quick, credentials(`guess ${i}`));
    assert.equal(checks.recall(quick, credentials('right')), 'right');
  });
});

describe('the number for a user name', () => {
  it('is always the same, and in its range', () => {
    const checks = new PasswordChecks(manualClock());
    for (let i = 0; i < 100; i++) {
      const index = checks.indexFor(`user ${i}`, 7);
      assert.equal(checks.indexFor(`user ${i}`, 7), index);
      assert.ok(index >= 0 && index < 7);
    }
  });
});
