import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndedSessions } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Refusal } from '../../core/identity.ts';
import { endSessions } from './end-sessions.ts';
import { loginWorld, PROVIDER } from './login-testing.ts';

const NOW_MS = 1_700_000_000_000;
const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const CLAIMS = { aud: 'web', events: EVENT, sid: 's-1', sub: 'alice', iat: NOW_MS / 1000, jti: 'j-1' };

function world() {
  const parts = loginWorld();
  parts.answers['end-sessions'] = () => null;
  return { ...parts, end: endSessions(PROVIDER, parts.ports) };
}

describe('a logout token', () => {
  const good: readonly (readonly [string, object, object])[] = [
    ['ends the session that it names', {}, { session: 's-1', subject: 'alice' }],
    ['ends a session without its subject', { sub: undefined }, { session: 's-1', subject: null }],
    ['ends all of a subject', { sid: undefined }, { session: null, subject: 'alice' }],
    [
      'may be late while it is good',
      { iat: NOW_MS / 1000 - 1, exp: NOW_MS / 1000 + 9 },
      { session: 's-1', subject: 'alice' },
    ],
    ['may be for several', { aud: ['app', 'web'] }, { session: 's-1', subject: 'alice' }],
  ];
  for (const [what, change, asks] of good) {
    it(what, async () => {
      const { end, errands } = world();
      assert.equal((await end(JSON.stringify({ ...CLAIMS, ...change }))).kind, 'ended');
      const expected = { provider: 'corporate', endedAtMs: NOW_MS, ...asks };
      assert.deepEqual(errands, [{ kind: 'end-sessions', asks: expected }]);
    });
  }

  const bad: readonly (readonly [string, object])[] = [
    ['for nobody', { aud: undefined }],
    ['for another client', { aud: 'other' }],
    ['for other clients', { aud: ['other', 'webb'] }],
    ['without events', { events: undefined }],
    ['with another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['with an event that is a text', { events: { [Object.keys(EVENT)[0] ?? '']: 'yes' } }],
    ['with events that are a list', { events: Object.keys(EVENT) }],
    ['with a nonce, as an ID token has', { nonce: 'n' }],
    ['without a time', { iat: undefined }],
    ['without an id', { jti: undefined }],
    ['that names nobody', { sub: undefined, sid: undefined }],
    ['that names nobody by text', { sub: 7, sid: null }],
    ['that is too old', { iat: NOW_MS / 1000 - 151 }],
    ['that has expired', { exp: NOW_MS / 1000 - 31 }],
  ];
  for (const [what, change] of bad) {
    it(`${what} is not valid`, async () => {
      const { end, errands } = world();
      assert.equal((await end(JSON.stringify({ ...CLAIMS, ...change }))).kind, 'invalid');
      assert.deepEqual(errands, []);
    });
  }

  it('counts once', async () => {
    const { end, errands } = world();
    await end(JSON.stringify(CLAIMS));
    assert.equal((await end(JSON.stringify(CLAIMS))).kind, 'ended');
    assert.equal(errands.length, 1);
  });

  it('ends nothing that began well after it was issued', async () => {
    const { end, errands, clock } = world();
    clock.advance(100_000);
    await end(JSON.stringify(CLAIMS));
    const { asks } = errands[0] ?? assert.fail();
    assert.equal((asks as EndedSessions).endedAtMs, NOW_MS + 999 + 30_000);
  });

  it('may come again when it could not be told to all threads', async () => {
    const { end, answers } = world();
    answers['end-sessions'] = () => {
      throw new GatewayError('INTERNAL', 'as the test wants');
    };
    assert.equal((await end(JSON.stringify(CLAIMS))).kind, 'refused');
    answers['end-sessions'] = () => null;
    assert.equal((await end(JSON.stringify(CLAIMS))).kind, 'ended');
  });

  const refusals = [
    ['UNAUTHENTICATED', 'invalid'],
    ['IDENTITY_UNAVAILABLE', 'refused'],
  ] as const;
  for (const [code, kind] of refusals) {
    it(`is ${kind} when who verifies it says ${code}`, async () => {
      const { ports, errands } = loginWorld();
      const refusal: Refusal = { kind: 'refused', code, reason: 'r', detail: 'd', challenge: '' };
      const end = endSessions(PROVIDER, { ...ports, verifyLogoutToken: async () => refusal });
      assert.equal((await end('token')).kind, kind);
      assert.deepEqual(errands, []);
    });
  }
});
