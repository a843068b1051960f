// Who steers logs in at an identity provider: the program with a database, a certified provider, and a browser without a window.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { TestProvider } from '@turnpike/testkit/identity-provider';
import { adminLoginWorld } from './admin-login-world.ts';
import { LoginClient } from './login-client.ts';
import type { RunningGateway } from './running-gateway.ts';

interface Site {
  readonly provider: TestProvider;
  readonly gateway: RunningGateway;
  readonly browser: () => LoginClient;
}

async function site(t: TestContext): Promise<Site> {
  const world = await adminLoginWorld();
  t.after(() => world[Symbol.asyncDispose]());
  return { ...world, browser: () => new LoginClient(world.gateway.adminPort) };
}

const me = async (browser: LoginClient) => {
  const { status, body } = await browser.call('/v1/me');
  return { status, ...(JSON.parse(body) as { name?: string; role?: string | null; csrf?: string }) };
};

describe('who steers', () => {
  it('logs in at a provider and has the role of a claim', async (t) => {
    const { provider, browser } = await site(t);
    const alice = browser();
    assert.equal((await me(alice)).status, 401);
    const back = await alice.logIn(provider, '/v1/login', 'alice');
    assert.deepEqual([back.status, back.location], [302, '/']);
    const { name, role, csrf } = await me(alice);
    assert.deepEqual([name, role], ['alice', 'admin']);
    assert.ok(csrf !== undefined && csrf !== '');
    assert.equal((await alice.call('/v1/tokens')).status, 200);
  });

  it('has only the workspaces of a claim, and nothing without any', async (t) => {
    const { provider, browser } = await site(t);
    const bob = browser();
    await bob.logIn(provider, '/v1/login', 'bob');
    assert.equal((await me(bob)).role, null);
    assert.equal((await bob.call('/v1/routes')).status, 200);
    assert.equal((await bob.call('/v1/tokens')).status, 403);
    const carol = browser();
    const back = await carol.logIn(provider, '/v1/login', 'carol');
    assert.ok(back.status >= 400, String(back.status));
    assert.equal((await me(carol)).status, 401);
  });

  it('changes something only with the token of the page', async (t) => {
    const { provider, browser, gateway } = await site(t);
    const alice = browser();
    await alice.logIn(provider, '/v1/login', 'alice');
    const { csrf = '' } = await me(alice);
    const put = (headers: Record<string, string>) =>
      fetch(`http://localhost:${gateway.adminPort}/v1/routes/hello`, {
        method: 'PUT',
        headers: { cookie: alice.cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ match: { path: '/hello' }, respond: { body: 'hi' } }),
      });
    assert.equal((await put({})).status, 403);
    assert.equal((await put({ 'x-csrf-token': 'guessed' })).status, 403);
    assert.equal((await put({ 'x-csrf-token': csrf })).status, 201);
    assert.equal(await (await fetch(`http://127.0.0.1:${gateway.port}/hello`)).text(), 'hi');
  });

  it('is not taken from elsewhere in the middle of a login', async (t) => {
    const { provider, browser } = await site(t);
    const victim = browser();
    const mallory = browser();
    const { location } = await mallory.page('/v1/login');
    const back = new URL(await provider.browser().signIn(location, 'alice'));
    const answer = await victim.page(back.pathname + back.search);
    assert.ok(answer.status >= 400);
    assert.equal((await me(victim)).status, 401);
  });
});
