import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Belief } from './belief.ts';
import { endpoint, fleet } from './discover-testing.ts';

const SECOND = 1000;

/** How many are believed, and why no other number is. */
function state(belief: Belief): string {
  return `${belief.believed?.length ?? 'nothing'} ${belief.doubt?.reason ?? ''}`.trimEnd();
}

/** Believes a fleet of 100 at 0 s. */
function believing(size = 100): Belief {
  const belief = new Belief();
  belief.hear(fleet(size), 0);
  return belief;
}

describe('the first answer', () => {
  it('is believed at once, even if it is empty', () => {
    assert.equal(state(believing(3)), '3');
    assert.equal(state(believing(0)), '0');
  });

  it('is believed before what is on disk, unless it is empty', () => {
    const belief = new Belief();
    belief.recall(fleet(100));
    assert.deepEqual([state(belief), belief.from], ['100', 'disk']);
    belief.hear([], 0);
    assert.deepEqual([state(belief), belief.from], ['100 it is empty', 'disk']);
    belief.hear(fleet(1), 1);
    assert.deepEqual([state(belief), belief.from], ['1', 'source']);
    belief.recall(fleet(100));
    assert.equal(state(belief), '1');
  });
});

describe('an answer that adds or changes', () => {
  it('is believed at once, also after an error', () => {
    const belief = believing(10);
    belief.fail(SECOND);
    belief.hear(fleet(11), SECOND);
    assert.equal(state(belief), '11');
  });

  it('that is the same leaves the object as it is', () => {
    const belief = believing(10);
    const { believed } = belief;
    belief.hear(fleet(10), SECOND);
    assert.equal(belief.believed, believed);
  });
});

describe('an empty answer', () => {
  it('is believed after ten seconds', () => {
    const belief = believing(2);
    belief.hear([], 5 * SECOND);
    belief.look(15 * SECOND - 1);
    assert.equal(state(belief), '2 it is empty');
    belief.look(15 * SECOND);
    assert.equal(state(belief), '0');
  });

  it('is not believed sooner for being repeated', () => {
    const belief = believing(2);
    for (let at = 0; at < 10; at++) belief.hear([], at * SECOND);
    assert.equal(state(belief), '2 it is empty');
    belief.hear([], 10 * SECOND);
    assert.equal(state(belief), '0');
  });

  it('is forgotten when somebody is there again', () => {
    const belief = believing(2);
    belief.hear([], 0);
    belief.hear(fleet(2), 9 * SECOND);
    belief.look(20 * SECOND);
    assert.equal(state(belief), '2');
  });

  it('counts from when it became empty, not from when it lost most', () => {
    const belief = believing();
    belief.hear(fleet(1), 0);
    belief.hear([], 9 * SECOND);
    belief.look(18 * SECOND);
    assert.equal(state(belief), '100 it is empty');
    belief.look(19 * SECOND);
    assert.equal(state(belief), '0');
  });
});

describe('an answer that lost more than four fifths', () => {
  it('is believed after ten seconds', () => {
    const belief = believing();
    belief.hear(fleet(19), 0);
    belief.look(10 * SECOND - 1);
    assert.equal(state(belief), '100 it lost most of the endpoints');
    belief.look(10 * SECOND);
    assert.equal(state(belief), '19');
  });

  it('is believed when it was confirmed twice', () => {
    const belief = believing();
    belief.hear(fleet(19), 0);
    belief.hear(fleet(19), 1);
    assert.equal(state(belief), '100 it lost most of the endpoints');
    belief.hear(fleet(19), 2);
    assert.equal(state(belief), '19');
  });

  it('is not confirmed by another such answer, but does not begin anew with it', () => {
    const belief = believing();
    for (let size = 19; size > 10; size--) belief.hear(fleet(size), 19 - size);
    assert.equal(state(belief), '100 it lost most of the endpoints');
    belief.look(10 * SECOND);
    assert.equal(state(belief), '11');
  });

  it('cannot get through by losing one after the other', () => {
    const belief = believing();
    for (let size = 99; size >= 0; size--) belief.hear(fleet(size), 100 - size);
    assert.equal(state(belief), '20 it is empty');
  });

  it('is measured by what was believed ten seconds ago', () => {
    const belief = believing();
    belief.hear(fleet(30), 0);
    belief.hear(fleet(19), 10 * SECOND - 1);
    assert.equal(state(belief), '30 it lost most of the endpoints');
    belief.hear(fleet(19), 10 * SECOND);
    assert.equal(state(belief), '19');
  });

  it('is exactly a fifth: that is believed', () => {
    const belief = believing();
    belief.hear(fleet(20), 0);
    assert.equal(state(belief), '20');
  });
});

describe('after an error', () => {
  it('nothing that takes away is believed for ten seconds', () => {
    const belief = believing();
    belief.fail(0);
    belief.hear(fleet(99), 1);
    belief.look(10 * SECOND - 1);
    assert.equal(state(belief), '100 the source had an error a moment ago');
    belief.look(10 * SECOND);
    assert.equal(state(belief), '99');
  });

  it('nothing is confirmed before that', () => {
    const belief = believing();
    belief.fail(0);
    for (let at = 1; at < 10; at++) belief.hear(fleet(5), at * SECOND);
    assert.equal(state(belief), '100 it lost most of the endpoints');
    belief.hear(fleet(5), 10 * SECOND);
    assert.equal(state(belief), '5');
  });

  it('what was in doubt must be said again', () => {
    const belief = believing();
    belief.hear([], 0);
    belief.fail(9 * SECOND);
    belief.look(60 * SECOND);
    assert.equal(state(belief), '100');
    belief.hear([], 60 * SECOND);
    assert.equal(state(belief), '100 it is empty');
    belief.look(70 * SECOND);
    assert.equal(state(belief), '0');
  });

  it('others of the same number are believed: it did not forget, it moved', () => {
    const belief = believing(1);
    belief.fail(0);
    belief.hear([endpoint('new')], 1);
    assert.deepEqual(belief.believed, [endpoint('new')]);
  });
});
