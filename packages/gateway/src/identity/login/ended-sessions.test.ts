import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndedSessions, SessionNews } from '../../core/desk.ts';
import type { Claims } from '../../core/identity.ts';
import { endedSessions, ownName } from './ended-sessions.ts';
import { tokensFor } from './login-testing.ts';
import { beginSession } from './session.ts';

function sessionOf(claims: Claims, beganAtMs = 1000) {
  const session = beginSession(tokensFor(claims), beganAtMs);
  assert.ok(session !== null);
  return session;
}

function news(...ended: readonly Partial<EndedSessions>[]): SessionNews {
  const all = ended.map((one) => ({
    provider: 'corporate',
    session: null,
    subject: null,
    endedAtMs: 2000,
    ...one,
  }));
  return { topic: 'ended-sessions', id: 'corporate', ended: all };
}

describe('a session', () => {
  const session = sessionOf({ sub: 'alice', sid: 's-1' });
  const rows: readonly (readonly [string, boolean, SessionNews | null])[] = [
    ['goes on without news', false, null],
    ['goes on when none was ended', false, news()],
    ['ends by the name that its provider gave it', true, news({ session: 's-1' })],
    ['goes on when another one of its subject ends', false, news({ session: 's-2', subject: 'alice' })],
    ['ends with all of its subject', true, news({ subject: 'alice' })],
    ['goes on when somebody else leaves', false, news({ subject: 'bob' })],
    [
      'goes on when it began after all others of its subject ended',
      false,
      news({ subject: 'alice', endedAtMs: 999 }),
    ],
    [
      'goes on when it began after the one of its name ended',
      false,
      news({ session: 's-1', endedAtMs: 999 }),
    ],
    ['ends at the very moment', true, news({ subject: 'alice', endedAtMs: 1000 })],
    ['ends by our own name', true, news({ session: ownName(session) })],
    [
      'ends by the latest of several ends',
      true,
      news({ subject: 'alice', endedAtMs: 2000 }, { subject: 'alice', endedAtMs: 10 }),
    ],
    [
      'ends by the latest, in any order',
      true,
      news({ subject: 'alice', endedAtMs: 10 }, { subject: 'alice', endedAtMs: 2000 }),
    ],
  ];
  for (const [what, isOver, latest] of rows)
    it(what, () => assert.equal(endedSessions(() => latest)(session), isOver));

  it('that has no name of its provider ends by its subject', () => {
    const isEnded = endedSessions(() => news({ session: 'undefined' }, { subject: 'alice' }));
    assert.equal(isEnded(sessionOf({ sub: 'alice' })), true);
    assert.equal(isEnded(sessionOf({ sub: 'bob' })), false);
    assert.equal(isEnded(sessionOf({ sub: 'bob', sid: 7 })), false);
  });

  it('that has no name of its provider ends with any of its subject', () => {
    const isEnded = endedSessions(() => news({ session: 's-2', subject: 'alice' }));
    assert.equal(isEnded(sessionOf({ sub: 'alice' })), true);
    assert.equal(isEnded(sessionOf({ sub: 'alice', sid: 's-1' })), false);
    assert.equal(isEnded(sessionOf({ sub: 'bob' })), false);
  });

  it('ends with the next news', () => {
    let latest = news();
    const isEnded = endedSessions(() => latest);
    assert.equal(isEnded(session), false);
    latest = news({ session: 's-1' });
    assert.equal(isEnded(session), true);
  });
});
