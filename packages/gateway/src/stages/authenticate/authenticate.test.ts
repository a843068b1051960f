import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthenticateConfig } from '@turnpike/config';
import type { Exchange, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import type { Authentication, Identity } from '../../core/identity.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { authenticate } from './authenticate.ts';

const CONFIG: AuthenticateConfig = {
  mode: 'on',
  providers: [],
  consumers: true,
  optional: false,
  apiKeyFrom: [{ in: 'header', name: 'x-api-key' }],
  forwardCredentials: 'tokens',
};

const IDENTITY: Identity = {
  method: 'key',
  provider: 'consumers',
  subject: 'a',
  consumer: 'a',
  clientId: '',
  scopes: [],
  claims: {},
  metadata: {},
  plan: '',
  key: 'consumers:a',
  token: '',
  expiresAtMs: Infinity,
};

const CHALLENGES = ['Bearer', 'Basic realm="turnpike", charset="UTF-8"'];
const INNER: Reply = {
  status: 200,
  headers: headersOf(['Set-Cookie', 'own=1']),
  body: 'x',
  code: '',
  tunnel: null,
};
const LOGIN_PAGE: Reply = {
  status: 302,
  headers: headersOf(['Location', '/login']),
  body: null,
  code: '',
  tunnel: null,
};

/** What is known of the credentials of the one request of a test. */
interface Known {
  readonly recalled?: Identity;
  readonly answer?: Authentication;
  /** What happens while the answer is looked for. */
  readonly meanwhile?: (exchange: Exchange) => void;
}

interface Outcome {
  readonly reply: Reply;
  readonly counted: readonly string[];
  /** The exchange as the next stage got it, or null. */
  readonly passed: Exchange | null;
  /** How often credentials were looked at the long way. */
  readonly looks: number;
}

async function meet(
  config: Partial<AuthenticateConfig>,
  known: Known,
  asks = exchangeFrom(),
): Promise<Outcome> {
  const { recalled = null, answer = { kind: 'anonymous' }, meanwhile } = known;
  const counted: string[] = [];
  let passed: Exchange | null = null;
  let looks = 0;
  const authenticator = {
    challenges: CHALLENGES,
    sessionCookies: ['session'],
    recall: () => recalled,
    authenticate: async (exchange: Exchange) => {
      looks++;
      meanwhile?.(exchange);
      return answer;
    },
  };
  const stage = authenticate(
    { ...CONFIG, ...config },
    {
      identities: { authenticator: () => authenticator },
      decisions: (policy) => ({
        allowed: () => counted.push(`${policy} allowed`),
        denied: (reason) => counted.push(`${policy} denied ${reason}`),
        reported: (reason) => counted.push(`${policy} reported ${reason}`),
        failed: (reason) => counted.push(`${policy} failed ${reason}`),
      }),
    },
  );
  assert.ok(stage !== null);
  const reply = await stage((exchange) => {
    passed = exchange;
    return Promise.resolve(INNER);
  })(asks);
  return { reply, counted, passed, looks };
}

function challengesOf({ headers }: Reply): string[] {
  return headers.values.filter((_, i) => headers.names[i]?.lower === 'www-authenticate');
}

function problemOf({ body }: Reply): Record<string, unknown> {
  assert.ok(typeof body === 'string');
  return JSON.parse(body) as Record<string, unknown>;
}

const FOUND: Authentication = { kind: 'identified', identity: IDENTITY, cookies: [] };
const WRONG: Authentication = {
  kind: 'refused',
  code: 'UNAUTHENTICATED',
  reason: 'expired',
  detail: 'The token has expired.',
  challenge: 'Bearer error="invalid_token"',
};
const AWAY: Authentication = {
  kind: 'refused',
  code: 'IDENTITY_UNAVAILABLE',
  reason: 'keys',
  detail: 'The keys of corporate are not known.',
  challenge: '',
};

function goAway(exchange: Exchange): void {
  exchange.cancel('CLIENT_CLOSED');
}

describe('a caller', () => {
  it('who is remembered passes at once', async () => {
    const { reply, counted, passed, looks } = await meet({}, { recalled: IDENTITY });
    assert.equal(reply, INNER);
    assert.equal(passed?.identity, IDENTITY);
    assert.deepEqual(counted, ['authenticate allowed']);
    assert.equal(looks, 0);
  });

  it('who proves it passes', async () => {
    const { reply, counted, passed } = await meet({}, { answer: FOUND });
    assert.equal(reply, INNER);
    assert.equal(passed?.identity, IDENTITY);
    assert.deepEqual(counted, ['authenticate allowed']);
  });

  it('without credentials is told of every scheme', async () => {
    const { reply, counted, passed } = await meet({}, {});
    assert.equal(passed, null);
    assert.equal(reply.code, 'UNAUTHENTICATED');
    assert.equal(reply.status, 401);
    assert.deepEqual(challengesOf(reply), CHALLENGES);
    assert.equal(problemOf(reply)['rule'], 'authenticate');
    assert.deepEqual(counted, ['authenticate denied anonymous']);
  });

  it('without credentials passes as nobody where they are optional', async () => {
    const { reply, counted, passed } = await meet({ optional: true }, {});
    assert.equal(reply, INNER);
    assert.equal(passed?.identity, null);
    assert.deepEqual(counted, ['authenticate allowed']);
  });

  for (const optional of [false, true]) {
    it(`with wrong credentials is refused, also where they are optional (${optional})`, async () => {
      const { reply, counted, passed } = await meet({ optional }, { answer: WRONG });
      assert.equal(passed, null);
      assert.equal(reply.code, 'UNAUTHENTICATED');
      assert.deepEqual(challengesOf(reply), ['Bearer error="invalid_token"']);
      assert.equal(problemOf(reply)['detail'], 'The token has expired.');
      assert.equal(problemOf(reply)['rule'], 'authenticate');
      assert.deepEqual(counted, ['authenticate denied expired']);
    });

    it(`is asked to come again when nobody can tell (${optional})`, async () => {
      const { reply, counted, passed } = await meet({ optional }, { answer: AWAY });
      assert.equal(passed, null);
      assert.equal(reply.code, 'IDENTITY_UNAVAILABLE');
      assert.equal(reply.status, 503);
      assert.equal(reply.headers.get('retry-after'), '1');
      assert.deepEqual(challengesOf(reply), []);
      assert.equal(problemOf(reply)['detail'], 'The keys of corporate are not known.');
      assert.equal(problemOf(reply)['rule'], 'authenticate');
      assert.deepEqual(counted, ['authenticate failed keys']);
    });
  }

  it('whose refusal has no challenge of its own is told of every scheme', async () => {
    const { reply } = await meet({}, { answer: { ...WRONG, challenge: '' } });
    assert.deepEqual(challengesOf(reply), CHALLENGES);
  });

  it('with a browser is sent to log in, unless nobody has to', async () => {
    const answer: Authentication = { kind: 'login', reply: LOGIN_PAGE };
    const sent = await meet({}, { answer });
    assert.equal(sent.reply, LOGIN_PAGE);
    assert.deepEqual(sent.counted, ['authenticate denied login']);
    const free = await meet({ optional: true }, { answer });
    assert.equal(free.reply, INNER);
    assert.deepEqual(free.counted, ['authenticate allowed']);
  });

  it('who went away in the meantime costs nothing more', async () => {
    await assert.rejects(meet({}, { answer: FOUND, meanwhile: goAway }), { code: 'CLIENT_CLOSED' });
  });

  it('whose session was renewed gets the cookies beside those of the service', async () => {
    const { reply } = await meet({}, { answer: { ...FOUND, cookies: ['a=1; Path=/', 'b=2; Path=/'] } });
    const cookies = reply.headers.values.filter((_, i) => reply.headers.names[i]?.lower === 'set-cookie');
    assert.deepEqual(cookies, ['own=1', 'a=1; Path=/', 'b=2; Path=/']);
    assert.equal(INNER.headers.size, 1);
    assert.equal(reply.status, 200);
  });
});

describe('a policy that only reports', () => {
  const table: readonly (readonly [Authentication, string])[] = [
    [{ kind: 'anonymous' }, 'anonymous'],
    [WRONG, 'expired'],
    [AWAY, 'keys'],
    [{ kind: 'login', reply: LOGIN_PAGE }, 'login'],
  ];
  for (const [answer, reason] of table) {
    it(`lets everybody pass as nobody, and counts: ${reason}`, async () => {
      const asks = exchangeFrom({ headers: headersOf(['X-Api-Key', 'k'], ['Cookie', 'session=1']) });
      const { reply, counted, passed } = await meet({ mode: 'report' }, { answer }, asks);
      assert.equal(reply, INNER);
      assert.equal(passed?.identity, null);
      assert.equal(passed?.headers.size, 2);
      assert.deepEqual(counted, [`authenticate reported ${reason}`]);
    });
  }

  it('tells who is known, takes nothing away and keeps a session alive', async () => {
    const asks = exchangeFrom({ headers: headersOf(['X-Api-Key', 'k'], ['Cookie', 'session=1']) });
    const answer: Authentication = { ...FOUND, cookies: ['session=2'] };
    const { reply, counted, passed } = await meet({ mode: 'report' }, { answer }, asks);
    assert.equal(passed?.identity, IDENTITY);
    assert.equal(passed?.headers.size, 2);
    assert.ok(reply.headers.values.includes('session=2'));
    assert.deepEqual(counted, ['authenticate allowed']);
  });
});

describe('a route without the policy', () => {
  it('has no such stage', () => {
    const ports = {
      identities: { authenticator: () => assert.fail('nobody is asked') },
      decisions: () => assert.fail('nobody decides'),
    };
    assert.equal(authenticate(null, ports), null);
  });
});
