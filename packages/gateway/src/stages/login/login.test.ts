import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LoginStep } from '@turnpike/config';
import type { BrowserLogin, Departure, LoginOutcome, LogoutOutcome } from '../../core/browser-login.ts';
import type { ExchangeFields, Reply } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { login } from './login.ts';

interface Answers {
  readonly complete?: LoginOutcome;
  readonly leave?: Departure;
  readonly end?: LogoutOutcome;
}

async function asked<T>(answer: T | undefined): Promise<T> {
  return answer ?? assert.fail('it should not be asked');
}

/** Asks a route of the login; whatever happens there, the test decides. */
function ask(step: LoginStep, answers: Answers, fields: Partial<ExchangeFields> = {}): Promise<Reply> {
  const browserLogin: BrowserLogin = {
    complete: () => asked(answers.complete),
    leave: () => asked(answers.leave),
    end: () => asked(answers.end),
  };
  return login({ provider: 'corporate', step }, { login: () => browserLogin })(exchangeFrom(fields));
}

const setCookies = ({ headers }: Reply) =>
  headers.values.filter((_, i) => headers.names[i]?.lower === 'set-cookie');
const problemIn = ({ body }: Reply): Record<string, unknown> => JSON.parse(String(body));

describe('the way back from a provider', () => {
  it('leads to what the caller wanted, with a session', async () => {
    const cookies = ['a=1', 'b=2'];
    const reply = await ask('callback', { complete: { kind: 'in', returnTo: '/orders', cookies } });
    assert.equal(reply.status, 303);
    assert.equal(reply.headers.get('location'), '/orders');
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    assert.deepEqual(setCookies(reply), cookies);
  });

  const failures: readonly (readonly [LoginOutcome, number, string])[] = [
    [{ kind: 'denied', cookies: ['a=1'] }, 403, 'FORBIDDEN'],
    [{ kind: 'stray' }, 400, 'LOGIN_OVER'],
    [{ kind: 'unavailable', cookies: ['a=1'] }, 503, 'IDENTITY_UNAVAILABLE'],
  ];
  for (const [outcome, status, code] of failures) {
    it(`ends with ${code} when the login is ${outcome.kind}, and says nothing of what came`, async () => {
      const query = '?error=<script>&error_description=evil&state=s&code=c';
      const reply = await ask('callback', { complete: outcome }, { query });
      assert.equal(reply.status, status);
      assert.equal(reply.code, code);
      assert.equal(reply.headers.get('cache-control'), 'no-store');
      assert.deepEqual(setCookies(reply), 'cookies' in outcome ? outcome.cookies : []);
      assert.doesNotMatch(String(reply.body), /script|evil|https?:\/\/(?!turnpike\.dev)/);
      assert.equal(problemIn(reply)['rule'], 'login');
    });
  }

  it('takes no form', async () => {
    const reply = await ask('callback', {}, { method: 'POST' });
    assert.equal(reply.code, 'METHOD_NOT_ALLOWED');
    assert.equal(reply.headers.get('allow'), 'GET');
  });
});

describe('a logout', () => {
  for (const method of ['GET', 'POST']) {
    it(`by ${method} sends the browser on without its cookies`, async () => {
      const leave: Departure = {
        kind: 'left',
        location: 'https://login.example.com/logout',
        cookies: ['a=; Max-Age=0'],
      };
      const reply = await ask('logout', { leave }, { method });
      assert.equal(reply.status, 303);
      assert.equal(reply.headers.get('location'), leave.location);
      assert.equal(reply.headers.get('cache-control'), 'no-store');
      assert.deepEqual(setCookies(reply), leave.cookies);
    });
  }

  it('that another site asks for is refused', async () => {
    const reply = await ask('logout', { leave: { kind: 'foreign' } });
    assert.equal(reply.code, 'FORBIDDEN');
    assert.deepEqual(setCookies(reply), []);
  });

  it('by another method is refused', async () => {
    const reply = await ask('logout', {}, { method: 'DELETE' });
    assert.equal(reply.headers.get('allow'), 'GET, POST');
  });
});

function form(body: ExchangeFields['body'], type = 'application/x-www-form-urlencoded') {
  return { method: 'POST', headers: headersOf(['Content-Type', type]), body };
}

function backchannel(answers: Answers, fields: Partial<ExchangeFields>): Promise<Reply> {
  return ask('backchannel-logout', answers, fields);
}

describe('a logout by the provider', () => {
  it('is answered with 200, and not kept by anybody', async () => {
    const reply = await backchannel({ end: { kind: 'ended' } }, form('logout_token=a.b.c'));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
  });

  it('is answered with 400 and an OAuth error when the token is not valid', async () => {
    const end: LogoutOutcome = { kind: 'invalid', detail: 'The logout token is for another client.' };
    const reply = await backchannel({ end }, form('logout_token=a.b.c'));
    assert.equal(reply.status, 400);
    assert.equal(reply.headers.get('cache-control'), 'no-store');
    const { error, error_description: description } = problemIn(reply);
    assert.deepEqual([error, description], ['invalid_request', end.detail]);
  });

  it('may be tried again when nobody can verify the token at the moment', async () => {
    const end: LogoutOutcome = {
      kind: 'refused',
      code: 'IDENTITY_UNAVAILABLE',
      reason: 'r',
      detail: 'd',
      challenge: '',
    };
    assert.equal((await backchannel({ end }, form('logout_token=a.b.c'))).status, 503);
  });

  const bad: readonly (readonly [string, Partial<ExchangeFields>, number])[] = [
    ['is no form', form('logout_token=a', 'application/json'), 400],
    ['has no type', { method: 'POST', headers: headersOf(), body: 'logout_token=a' }, 400],
    ['is empty', form(null), 400],
    ['has no token', form('token=a'), 400],
    ['has two tokens', form('logout_token=a&logout_token=b'), 400],
    ['is too large', form(`logout_token=${'a'.repeat(8192)}`), 413],
    ['is no POST', { method: 'GET' }, 405],
  ];
  for (const [what, fields, status] of bad) {
    it(`is refused when it ${what}`, async () =>
      assert.equal((await backchannel({}, fields)).status, status));
  }
});
