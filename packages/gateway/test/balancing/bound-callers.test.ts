// Callers that stay where they were, over real connections.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { start } from './fixture.ts';

const STICKY = { kind: 'sticky', cookie: 'lb', secret: null, lifetimeMs: 0 } as const;
const BY_USER = { kind: 'hash', by: [{ kind: 'header', name: 'x-user' }], boundedLoad: 1.25 } as const;

/** What a browser sends back. */
function cookieOf(setCookie: string | undefined): readonly [string, string] {
  return ['Cookie', setCookie?.split(';', 1)[0] ?? assert.fail()];
}

describe('a sticky cookie', () => {
  it('comes with the first answer, and leads back to the same endpoint', async (t) => {
    const { ask } = await start(t, 3, STICKY);
    const first = await ask();
    const cookie = cookieOf(first.setCookie);
    for (let i = 0; i < 10; i++) {
      assert.deepEqual(await ask(cookie), { origin: first.origin, picked: 'sticky', setCookie: undefined });
    }
  });

  it('leads to an endpoint that drains, and elsewhere when it is gone', async (t) => {
    const { service, entries, ask } = await start(t, 3, STICKY);
    const first = await ask();
    const cookie = cookieOf(first.setCookie);
    service.take(entries.map((entry, i) => (i === first.origin ? { ...entry, isDraining: true } : entry)));
    assert.equal((await ask(cookie)).origin, first.origin);
    for (let i = 0; i < 10; i++) assert.notEqual((await ask()).origin, first.origin);
    service.take(entries.filter((_, i) => i !== first.origin));
    const moved = await ask(cookie);
    assert.equal(moved.picked, 'moved');
    assert.equal((await ask(cookieOf(moved.setCookie))).origin, moved.origin);
  });

  it('is replaced when its endpoint is down', async (t) => {
    const { states, ask } = await start(t, 3, STICKY);
    const first = await ask();
    states.setChecked(first.origin, false);
    const moved = await ask(cookieOf(first.setCookie));
    assert.notEqual(moved.origin, first.origin);
    assert.equal(moved.picked, 'moved');
    states.setChecked(first.origin, true);
    assert.equal((await ask(cookieOf(moved.setCookie))).origin, moved.origin);
  });

  it('is replaced when nothing listens at its endpoint, and the request succeeds', async (t) => {
    const { kill, ask } = await start(t, 3, STICKY);
    const first = await ask();
    await kill(first.origin);
    const moved = await ask(cookieOf(first.setCookie));
    assert.notEqual(moved.origin, first.origin);
    assert.ok(moved.setCookie !== undefined);
  });
});

describe('a hashed key', () => {
  it('leads to one endpoint, to one other while that is away, and back', async (t) => {
    const { states, ask } = await start(t, 5, BY_USER);
    const user = ['X-User', 'ada'] as const;
    const { origin } = await ask(user);
    for (let i = 0; i < 5; i++)
      assert.deepEqual(await ask(user), { origin, picked: 'hash', setCookie: undefined });
    states.setChecked(origin, false);
    const { origin: other } = await ask(user);
    assert.notEqual(other, origin);
    for (let i = 0; i < 5; i++)
      assert.deepEqual(await ask(user), { origin: other, picked: 'moved', setCookie: undefined });
    states.setChecked(origin, true);
    assert.equal((await ask(user)).origin, origin);
  });

  it('leads elsewhere when its endpoint has its fill', async (t) => {
    const { ask } = await start(t, 5, BY_USER);
    const user = ['X-User', 'ada'] as const;
    const together = await Promise.all(Array.from({ length: 20 }, () => ask(user)));
    const counts = Array.from({ length: 5 }, (_, i) => together.filter(({ origin }) => origin === i).length);
    assert.ok(Math.max(...counts) <= 6, counts.join());
  });
});
