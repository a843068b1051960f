import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UpstreamCredentialsConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { Decisions } from '../../core/decisions.ts';
import type { AccessToken, Desk, ErrandKind } from '../../core/desk.ts';
import { GatewayError, type ErrorCode } from '../../core/errors.ts';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Identity } from '../../core/identity.ts';
import { callerOf } from '../../core/identity-testing.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { ServiceTokens } from './service-tokens.ts';
import { upstreamCredentials } from './upstream-credentials.ts';

const PASSED: Reply = { status: 200, headers: headersOf(), body: null, code: '', tunnel: null };

const CLIENT: UpstreamCredentialsConfig = {
  mode: 'on',
  grant: 'client-credentials',
  provider: 'corporate',
  scopes: ['users'],
  audience: null,
};
const EXCHANGE: UpstreamCredentialsConfig = { ...CLIENT, grant: 'token-exchange', audience: 'users' };

/** A desk whose errands end when the test says so. */
function fakeDesk() {
  const errands: { readonly kind: ErrandKind; readonly asks: unknown }[] = [];
  const answers: PromiseWithResolvers<AccessToken>[] = [];
  const run = (kind: ErrandKind, asks: unknown): Promise<AccessToken> => {
    errands.push({ kind, asks });
    const answer = Promise.withResolvers<AccessToken>();
    answers.push(answer);
    return answer.promise;
  };
  return { errands, answers, desk: { run } as unknown as Desk };
}

function bench() {
  const clock = manualClock();
  const { errands, answers, desk } = fakeDesk();
  const tokens = new ServiceTokens(desk, clock);
  const decided: string[] = [];
  const decisions: Decisions = {
    allowed: () => decided.push('allowed'),
    denied: (reason) => decided.push(`denied ${reason}`),
    reported: (reason) => decided.push(`reported ${reason}`),
    failed: (reason) => decided.push(`failed ${reason}`),
  };
  return {
    errands,
    decided,
    send(config: UpstreamCredentialsConfig, identity: Identity | null = null) {
      const headers = headersOf(['Accept', '*/*'], ['Authorization', 'Bearer of-the-client']);
      const exchange = exchangeFrom({ headers });
      exchange.identity = identity;
      const stage = upstreamCredentials(config, { tokens, decisions });
      assert.ok(stage !== null);
      return { exchange, reply: stage(() => Promise.resolve(PASSED))(exchange) };
    },
    async give(token: string): Promise<void> {
      answers.shift()?.resolve({ token, expiresAtMs: clock.epoch() + 3_600_000 });
      await settled();
    },
    async fail(code: ErrorCode): Promise<void> {
      answers.shift()?.reject(new GatewayError(code, 'as the test says'));
      await settled();
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const sentBy = ({ exchange }: { exchange: Exchange }) => exchange.headers.getList('authorization');

async function problemOf(reply: Promise<Reply>) {
  const { code, headers, body } = await reply;
  const { rule, detail } = JSON.parse(String(body)) as Record<string, string>;
  return { code, rule, detail, retryAfter: headers.get('retry-after') };
}

it('is no stage without a configuration', () => {
  const { desk } = fakeDesk();
  const tokens = new ServiceTokens(desk, manualClock());
  const decisions: Decisions = { allowed() {}, denied() {}, reported() {}, failed() {} };
  assert.equal(upstreamCredentials(null, { tokens, decisions }), null);
});

describe('client credentials', () => {
  it('take the place of what the client sent', async () => {
    const { send, give, errands, decided } = bench();
    const first = send(CLIENT);
    await give('ours');
    assert.equal(await first.reply, PASSED);
    assert.equal(sentBy(first), 'Bearer ours');
    assert.deepEqual(errands, [
      { kind: 'client-credentials', asks: { provider: 'corporate', scopes: ['users'], audience: null } },
    ]);
    assert.deepEqual(decided, ['allowed']);
  });

  it('are fetched once for all routes and callers that need the same', async () => {
    const { send, give, errands } = bench();
    const waiting = [send(CLIENT), send({ ...CLIENT }, callerOf()), send(CLIENT)];
    await give('ours');
    for (const each of waiting) {
      assert.equal(await each.reply, PASSED);
      assert.equal(sentBy(each), 'Bearer ours');
    }
    const later = send(CLIENT);
    await later.reply;
    assert.equal(sentBy(later), 'Bearer ours');
    assert.equal(errands.length, 1);
  });

  it('are others for other scopes, audiences and providers', async () => {
    const { send, give, errands } = bench();
    const configs = [
      CLIENT,
      { ...CLIENT, scopes: ['users', 'admin'] },
      { ...CLIENT, audience: 'users' },
      { ...CLIENT, provider: 'partner' },
    ];
    const waiting = configs.map((config) => send(config));
    for (const i of configs.keys()) await give(`token-${i}`);
    await Promise.all(waiting.map(({ reply }) => reply));
    assert.deepEqual(
      waiting.map(sentBy),
      configs.map((_, i) => `Bearer token-${i}`),
    );
    assert.equal(errands.length, 4);
  });

  it('are unavailable while the provider is down, and the client learns when to come back', async () => {
    const { send, fail, decided } = bench();
    const { reply } = send(CLIENT);
    await fail('IDENTITY_UNAVAILABLE');
    assert.deepEqual(await problemOf(reply), {
      code: 'CREDENTIALS_UNAVAILABLE',
      rule: 'upstreamCredentials',
      detail: 'The identity provider corporate gives no token at the moment.',
      retryAfter: '1',
    });
    assert.deepEqual(decided, ['failed unavailable']);
  });

  it('are unavailable when the provider refuses ours, which is no fault of the client', async () => {
    const { send, fail, decided } = bench();
    const { reply } = send(CLIENT);
    await fail('UNAUTHENTICATED');
    const { code, detail } = await problemOf(reply);
    assert.equal(code, 'CREDENTIALS_UNAVAILABLE');
    assert.equal(detail, 'The identity provider corporate refuses the credentials of the gateway.');
    assert.deepEqual(decided, ['failed refused']);
  });
});

describe('a token exchange', () => {
  it('is made with the token of the caller', async () => {
    const { send, give, errands } = bench();
    const sent = send(EXCHANGE, callerOf({ token: 'tok-alice' }));
    await give('for-alice');
    assert.equal(await sent.reply, PASSED);
    assert.equal(sentBy(sent), 'Bearer for-alice');
    assert.deepEqual(errands, [
      {
        kind: 'exchange-token',
        asks: { provider: 'corporate', subjectToken: 'tok-alice', scopes: ['users'], audience: 'users' },
      },
    ]);
  });

  it('never gives a caller the token of another', async () => {
    const { send, give } = bench();
    const alice = send(EXCHANGE, callerOf({ token: 'tok-alice' }));
    const bob = send(EXCHANGE, callerOf({ token: 'tok-bob' }));
    await give('for-alice');
    await give('for-bob');
    await Promise.all([alice.reply, bob.reply]);
    assert.equal(sentBy(alice), 'Bearer for-alice');
    assert.equal(sentBy(bob), 'Bearer for-bob');
  });

  for (const [who, identity] of [
    ['nobody', null],
    ['a caller with an API key', callerOf({ method: 'key', token: '' })],
  ] as const) {
    it(`is refused for ${who}: there is nothing to exchange`, async () => {
      const { send, errands, decided } = bench();
      const { code, rule } = await problemOf(send(EXCHANGE, identity).reply);
      assert.deepEqual([code, rule], ['FORBIDDEN', 'upstreamCredentials']);
      assert.equal(errands.length, 0);
      assert.deepEqual(decided, ['denied no-subject-token']);
    });
  }

  it('is refused when the provider refuses it', async () => {
    const { send, fail, decided } = bench();
    const { reply } = send(EXCHANGE, callerOf());
    await fail('UNAUTHENTICATED');
    const { code, rule, detail } = await problemOf(reply);
    assert.deepEqual([code, rule], ['FORBIDDEN', 'upstreamCredentials']);
    assert.equal(detail, 'The identity provider corporate gives this caller no token for the service.');
    assert.deepEqual(decided, ['denied refused']);
  });
});

describe('an exchange that nobody waits for', () => {
  it('ends at once and leaves the fetch to the others', async () => {
    const { send, give, errands } = bench();
    const gone = send(CLIENT);
    const staying = send(CLIENT);
    gone.exchange.cancel('CLIENT_CLOSED');
    await assert.rejects(gone.reply, { code: 'CLIENT_CLOSED' });
    await give('ours');
    assert.equal(await staying.reply, PASSED);
    assert.equal(sentBy(gone), 'Bearer of-the-client');
    assert.equal(errands.length, 1);
  });

  it('does not begin to wait when it is over already', async () => {
    const { send } = bench();
    const identity = callerOf();
    const { exchange, reply } = send(EXCHANGE, identity);
    exchange.cancel('DEADLINE_EXCEEDED');
    await assert.rejects(reply, { code: 'DEADLINE_EXCEEDED' });
  });
});

describe('in report mode', () => {
  it('nothing waits and nothing is changed, but a token is fetched', async () => {
    const { send, give, errands, decided } = bench();
    const config = { ...CLIENT, mode: 'report' } as const;
    const first = send(config);
    assert.equal(await first.reply, PASSED);
    assert.equal(sentBy(first), 'Bearer of-the-client');
    assert.deepEqual(decided, []);
    await give('ours');
    assert.deepEqual(decided, ['allowed']);
    const second = send(config);
    await second.reply;
    assert.equal(sentBy(second), 'Bearer of-the-client');
    assert.deepEqual(decided, ['allowed', 'allowed']);
    assert.equal(errands.length, 1);
  });

  it('it counts what would have been refused', async () => {
    const { send, fail, decided } = bench();
    const config = { ...EXCHANGE, mode: 'report' } as const;
    assert.equal(await send(config).reply, PASSED);
    assert.equal(await send(config, callerOf()).reply, PASSED);
    await fail('UNAUTHENTICATED');
    assert.equal(await send(config, callerOf()).reply, PASSED);
    assert.deepEqual(decided, ['reported no-subject-token', 'reported refused', 'reported refused']);
  });
});
