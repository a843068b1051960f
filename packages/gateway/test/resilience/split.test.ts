import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { fieldOf, rawClient, scriptedUpstream, startPlane, type Plane } from '@turnpike/testkit';
import { get } from '../wire/fixture.ts';
import { saysIts } from './fixture.ts';

async function rig(t: TestContext, weights: readonly [number, number], split: object, listener: object = {}) {
  const [a, b] = await Promise.all([scriptedUpstream(saysIts('a')), scriptedUpstream(saysIts('b'))]);
  const documentOf = ([first, second]: readonly [number, number]) => ({
    listeners: { web: { address: '127.0.0.1:0', ...listener } },
    services: { a: { endpoints: [a.url] }, b: { endpoints: [b.url] } },
    routes: { shop: { match: { path: '/*' }, services: { a: first, b: second }, split } },
  });
  const plane: Plane = await startPlane(documentOf(weights));
  const browser = await rawClient(plane.port);
  t.after(async () => {
    browser.destroy();
    await Promise.all([a.close(), b.close()]);
    await plane.close();
  });
  const ask = async (...fields: string[]) => {
    const response = await browser.ask(get('/', ...fields));
    const cookie = fieldOf(response, 'set-cookie')?.split(';')[0];
    return { side: response.body.toString(), cookie };
  };
  const weigh = (next: readonly [number, number]) => plane.apply(documentOf(next));
  return { plane, ask, weigh };
}

describe('a split', () => {
  it('shares the requests, and says in the access log who got them', async (t) => {
    const { plane, ask } = await rig(t, [80, 20], {});
    const sides = [];
    for (let i = 0; i < 300; i++) sides.push((await ask()).side);
    const ofB = sides.filter((side) => side === 'b').length;
    // Less than one in a million runs is outside.
    assert.ok(ofB > 25 && ofB < 95, `${ofB}`);
    assert.deepEqual(
      (await plane.lines(300)).map(({ service }) => service),
      sides,
    );
  });

  it('keeps a caller on its side, over reloads, until the side has no weight', async (t) => {
    const { ask, weigh } = await rig(t, [0, 1], { sticky: 'side' });
    const { side, cookie = '' } = await ask();
    assert.equal(side, 'b');
    await weigh([1000, 1]);
    for (let i = 0; i < 20; i++)
      assert.deepEqual(await ask(`Cookie: x=y; ${cookie}`), { side: 'b', cookie: undefined });
    await weigh([1, 0]);
    const moved = await ask(`Cookie: ${cookie}`);
    assert.deepEqual([moved.side, moved.cookie === undefined], ['a', false]);
  });

  it('takes the side that a trusted proxy names, and only that', async (t) => {
    const trusting = await rig(
      t,
      [1, 0],
      { override: 'header:x-side' },
      { trustedProxies: ['127.0.0.1/32'] },
    );
    assert.equal((await trusting.ask('X-Side: b')).side, 'b');
    assert.equal((await trusting.ask()).side, 'a');
    const other = await rig(t, [1, 0], { override: 'header:x-side' });
    assert.equal((await other.ask('X-Side: b')).side, 'a');
  });
});
