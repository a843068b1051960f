import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { manualClock } from '@turnpike/testkit';
import type { News, NewsStand, SigningNews } from '../../core/desk.ts';
import { callerOf } from '../../core/identity-testing.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { IdentityTokens } from './identity-tokens.ts';
import { publishedKeys, publishKeys } from './published-keys.ts';
import { newSigningKey, publicHalf } from './signing-key.ts';

/** A news stand that knows one kind of news. */
function stand() {
  let latest: SigningNews | null = null;
  const hearers: ((news: SigningNews) => void)[] = [];
  const news = {
    latest: () => latest,
    subscribe: (_topic: News['topic'], hear: (news: SigningNews) => void) => hearers.push(hear),
  } as unknown as NewsStand;
  return {
    news,
    publish(next: SigningNews): void {
      latest = next;
      for (const hear of hearers) hear(next);
    },
  };
}

async function keyNews(retired: SigningNews['retired'] = []): Promise<SigningNews> {
  return { topic: 'signing-key', id: '', key: await newSigningKey(), retired };
}

async function bench() {
  const clock = manualClock();
  const { news, publish } = stand();
  const first = await keyNews();
  publish(first);
  const tokens = new IdentityTokens(news, clock);
  /** As a service does it, with the keys that are published. */
  const verify = (token: string | null, audience: string) =>
    jwtVerify(
      token ?? '',
      createLocalJWKSet(
        JSON.parse(
          JSON.stringify(publishedKeys(news.latest('signing-key', ''), clock.epoch())),
        ) as JSONWebKeySet,
      ),
      { issuer: 'turnpike', audience, currentDate: new Date(clock.epoch()), algorithms: ['ES256'] },
    );
  return { clock, news, publish, first, tokens, verify };
}

describe('a token for a service', () => {
  it('is verified with the published keys and says who is calling', async () => {
    const { tokens, verify, clock } = await bench();
    const identity = callerOf({
      consumer: 'acme',
      clientId: 'web',
      scopes: ['orders:read', 'ü'],
      plan: 'gold',
    });
    const { payload } = await verify(tokens.token(identity, 'orders'), 'orders');
    const { jti, ...claims } = payload;
    assert.match(jti ?? '', /^[0-9a-f-]{36}$/);
    const nowS = clock.epoch() / 1000;
    assert.deepEqual(claims, {
      iss: 'turnpike',
      sub: 'alice',
      aud: 'orders',
      iat: nowS,
      exp: nowS + 60,
      provider: 'corporate',
      consumer: 'acme',
      client_id: 'web',
      scope: 'orders:read ü',
      plan: 'gold',
    });
  });

  it('says nothing of what there is nothing to say of', async () => {
    const { tokens, verify } = await bench();
    const { payload } = await verify(tokens.token(callerOf(), 'orders'), 'orders');
    assert.deepEqual(Object.keys(payload).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'provider', 'sub']);
  });

  for (const method of ['token', 'session', 'key', 'certificate', 'basic'] as const) {
    it(`is made for callers who are known by ${method}`, async () => {
      const { tokens, verify } = await bench();
      const { payload } = await verify(tokens.token(callerOf({ method, token: '' }), 'orders'), 'orders');
      assert.equal(payload.sub, 'alice');
    });
  }

  it('names its key and its algorithm', async () => {
    const { tokens, first } = await bench();
    assert.deepEqual(decodeProtectedHeader(tokens.token(callerOf(), 'orders') ?? ''), {
      alg: 'ES256',
      typ: 'JWT',
      kid: first.key.kid,
    });
  });

  it('is for that service only', async () => {
    const { tokens, verify } = await bench();
    const identity = callerOf();
    await assert.rejects(verify(tokens.token(identity, 'orders'), 'users'), { claim: 'aud' });
    await verify(tokens.token(identity, 'users'), 'users');
  });

  it('is over after a minute', async () => {
    const { tokens, verify, clock } = await bench();
    const token = tokens.token(callerOf(), 'orders');
    clock.advance(60_000);
    await assert.rejects(verify(token, 'orders'), { claim: 'exp' });
  });

  it('is sent again for half a minute, so the one who gets it last can still use it', async () => {
    const { tokens, verify, clock } = await bench();
    const identity = callerOf();
    const token = tokens.token(identity, 'orders');
    clock.advance(29_999);
    assert.equal(tokens.token(identity, 'orders'), token);
    clock.advance(1);
    const next = tokens.token(identity, 'orders');
    assert.notEqual(next, token);
    await verify(token, 'orders');
    await verify(next, 'orders');
  });

  it('is made anew when the clock was set back', async () => {
    const { tokens, verify, clock } = await bench();
    const identity = callerOf();
    const token = tokens.token(identity, 'orders');
    clock.advance(-3_600_000);
    assert.notEqual(tokens.token(identity, 'orders'), token);
    await verify(tokens.token(identity, 'orders'), 'orders');
  });

  it('is another for another identity with the same name', async () => {
    const { tokens } = await bench();
    assert.notEqual(tokens.token(callerOf(), 'orders'), tokens.token(callerOf(), 'orders'));
  });

  it('has no scope that would be read as two', async () => {
    const { tokens, verify } = await bench();
    const token = tokens.token(callerOf({ scopes: ['read', 'x admin'] }), 'orders');
    assert.equal((await verify(token, 'orders')).payload['scope'], 'read');
  });
});

describe('a change of keys', () => {
  it('signs what is new with the new one, while the old one verifies what is under way', async () => {
    const { tokens, verify, publish, first, clock } = await bench();
    const before = tokens.token(callerOf(), 'orders');
    publish(await keyNews([{ key: publicHalf(first.key), untilMs: clock.epoch() + 600_000 }]));
    const after = tokens.token(callerOf(), 'orders');
    assert.notEqual(decodeProtectedHeader(after ?? '').kid, first.key.kid);
    await verify(before, 'orders');
    await verify(after, 'orders');
  });

  it('waits for the first one', async () => {
    const { news, publish } = stand();
    const tokens = new IdentityTokens(news, manualClock());
    assert.equal(tokens.token(callerOf(), 'orders'), null);
    publish(await keyNews());
    assert.notEqual(tokens.token(callerOf(), 'orders'), null);
  });
});

describe('the published keys', () => {
  it('are a JWK set that may be kept for five minutes', async () => {
    const { news, clock, first } = await bench();
    const reply = await publishKeys(news, clock)(exchangeFrom());
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'application/jwk-set+json');
    assert.equal(reply.headers.get('cache-control'), 'public, max-age=300');
    assert.deepEqual(JSON.parse(String(reply.body)), { keys: [publicHalf(first.key)] });
  });

  it('are unavailable as long as there is none', async () => {
    const reply = await publishKeys(stand().news, manualClock())(exchangeFrom());
    assert.equal(reply.code, 'CREDENTIALS_UNAVAILABLE');
  });
});
