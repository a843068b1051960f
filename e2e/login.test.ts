// Logins through the program, at a real identity provider: what browsers do, and what they never would.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { ProviderOptions } from '@turnpike/testkit/identity-provider';
import { redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { LoginClient, type Answer } from './login-client.ts';
import { loginWorld, type LoginGateway, type LoginWorld, type Seen } from './login-world.ts';

const CHROMIUM = '/usr/bin/chromium';
const TIMEOUT = { timeout: 120_000 };
const PATIENCE_MS = 60_000;

/** Why there is no browser here, or false. */
function withoutBrowser(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('chromium') || !existsSync(CHROMIUM) ? 'chromium is not installed' : false;
}

const BROWSER = { ...TIMEOUT, skip: withoutBrowser() };

/** Asks again and again until the answer is as it should be. */
async function until(ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<Answer> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    assert.ok(performance.now() < endsAt, `still ${answer.status}: ${answer.body}`);
  }
}

function seenBy({ status, body }: Answer): Seen {
  assert.equal(status, 200, body);
  return JSON.parse(body);
}

const callerIn = (seen: Seen) => seen.headers['x-identity-subject'];

describe('a browser', () => {
  let browser: Browser | null = null;
  let world: LoginWorld;
  let gateway: LoginGateway;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    if (BROWSER.skip !== false) return;
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
  });
  after(() => browser?.close());

  async function withGateway(test: () => Promise<void>, options: ProviderOptions = {}): Promise<void> {
    await using running = await loginWorld(options);
    world = running;
    gateway = await world.start();
    context = (await browser?.newContext()) ?? assert.fail();
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    try {
      await test();
    } finally {
      await context.close();
    }
  }

  /** Goes to a page, logs in at the provider, and gives what the service saw of it. */
  async function logIn(path: string, user = 'alice'): Promise<Seen> {
    await page.goto(gateway.origin + path);
    assert.ok(page.url().startsWith(world.provider.issuer), page.url());
    await page.fill('input[name=login]', user);
    await Promise.all([page.waitForURL(gateway.origin + path), page.click('button')]);
    return shown();
  }

  async function shown(): Promise<Seen> {
    return JSON.parse(await page.locator('body').innerText());
  }

  const statusOf = (path: string) => page.evaluate(async (url) => (await fetch(url)).status, path);

  it('logs in on the way to a page, and stays logged in', BROWSER, () =>
    withGateway(async () => {
      const seen = await logIn('/orders?id=1&next=%2Fx');
      assert.equal(callerIn(seen), 'alice');
      assert.equal(seen.url, '/orders?id=1&next=%2Fx');
      assert.doesNotMatch(JSON.stringify(seen.headers), /__Host-session/);
      await page.goto(`${gateway.origin}/other`);
      assert.equal(callerIn(await shown()), 'alice');
      assert.equal(await statusOf('/api'), 200);
      assert.equal(world.provider.traffic.count('/token'), 1);
      const cookies = await context.cookies(gateway.origin);
      const [session] = cookies.filter(({ name }) => name === '__Host-session');
      assert.deepEqual(
        cookies.map(({ name }) => name).filter((name) => name.startsWith('__Host-')),
        ['__Host-session'],
      );
      const { httpOnly, secure, sameSite, path, expires } = session ?? assert.fail();
      assert.deepEqual([httpOnly, secure, sameSite, path, expires], [true, true, 'Lax', '/', -1]);
    }),
  );

  it('gets a 401 for what is no page, and is not sent anywhere', BROWSER, () =>
    withGateway(async () => {
      await page.goto(`${gateway.origin}/bye`);
      assert.equal(await statusOf('/api'), 401);
      const posted = await page.evaluate(async () => (await fetch('/api', { method: 'POST' })).status);
      assert.equal(posted, 401);
      assert.deepEqual(await context.cookies(gateway.origin), []);
    }),
  );

  it('logs in in two tabs at once', BROWSER, () =>
    withGateway(async () => {
      const first = page;
      await first.goto(`${gateway.origin}/first`);
      page = await context.newPage();
      assert.equal(callerIn(await logIn('/second')), 'alice');
      await first.fill('input[name=login]', 'bob');
      await Promise.all([first.waitForURL(`${gateway.origin}/first`), first.click('button')]);
      page = first;
      assert.equal(callerIn(await shown()), 'bob');
    }),
  );

  it('stays logged in when the gateway is another', BROWSER, () =>
    withGateway(async () => {
      await logIn('/orders');
      await gateway.stop('SIGKILL');
      gateway = await world.start();
      await page.goto(`${gateway.origin}/orders`);
      assert.equal(callerIn(await shown()), 'alice');
      assert.equal(world.provider.traffic.count('/token'), 1);
    }),
  );

  it('logs out here and at the provider', BROWSER, () =>
    withGateway(async () => {
      await logIn('/orders');
      const copies = await context.cookies(gateway.origin);
      await page.goto(`${gateway.origin}/_auth/logout`);
      await page.waitForURL(`${gateway.origin}/bye`);
      assert.equal(await page.locator('body').innerText(), 'bye');
      assert.equal(await statusOf('/api'), 401);
      await context.addCookies(copies.map((cookie) => ({ ...cookie, expires: -1 })));
      assert.equal(await statusOf('/api'), 401, 'a copy of the cookie is of no use');
      await page.goto(`${gateway.origin}/orders`);
      assert.ok(page.url().startsWith(world.provider.issuer), 'the provider asks who it is');
      assert.equal(await page.locator('input[name=login]').count(), 1);
    }),
  );

  it('is logged out when the provider says so, on all threads and after a restart', BROWSER, () =>
    withGateway(async () => {
      await logIn('/orders');
      const client = new LoginClient(gateway.port);
      for (const { name, value } of await context.cookies(gateway.origin)) client.cookies.set(name, value);
      assert.equal((await client.call('/api')).status, 200);
      await page.goto(`${world.provider.issuer}/session/end`);
      await until(
        () => client.call('/api'),
        ({ status }) => status === 401,
      );
      // Which thread answers is chosen by the kernel, anew for each connection.
      for (let i = 0; i < 32; i++)
        await until(
          () => client.call('/api'),
          ({ status }) => status === 401,
        );
      await gateway.stop('SIGKILL');
      gateway = await world.start();
      const again = new LoginClient(gateway.port);
      for (const [name, value] of client.cookies) again.cookies.set(name, value);
      assert.equal((await again.call('/api')).status, 401);
    }),
  );

  it('is logged out when the provider does not renew its tokens any more', BROWSER, () =>
    withGateway(
      async () => {
        await logIn('/orders');
        // The provider forgets what it gave, and tells nobody.
        world.provider.setWeb({ redirectUris: [`${gateway.origin}/_auth/callback`] });
        const client = new LoginClient(gateway.port);
        for (const { name, value } of await context.cookies(gateway.origin)) client.cookies.set(name, value);
        await page.goto(`${world.provider.issuer}/session/end`);
        await until(
          () => client.call('/api'),
          ({ status }) => status === 401,
        );
        const answer = await client.page('/orders');
        assert.equal(answer.status, 302);
        assert.equal(client.cookies.has('__Host-session'), false);
      },
      { accessTokenLifetimeSeconds: 1 },
    ),
  );

  it('is not logged out by another site', BROWSER, () =>
    withGateway(async () => {
      await logIn('/orders');
      // 127.0.0.1 is another site than localhost.
      await page.goto(`http://127.0.0.1:${gateway.port}/bye`);
      await page.setContent(`<a href="${gateway.origin}/_auth/logout">look at this</a>`);
      const [answer] = await Promise.all([page.waitForResponse(/logout/), page.click('a')]);
      assert.equal(answer.status(), 403);
      await page.goto(`${gateway.origin}/orders`);
      assert.equal(callerIn(await shown()), 'alice');
    }),
  );
});

describe('a session', () => {
  it('is renewed once for all requests that come at the same time', TIMEOUT, async () => {
    await using world = await loginWorld({ accessTokenLifetimeSeconds: 1 });
    const { provider } = world;
    const client = new LoginClient((await world.start()).port);
    assert.equal((await client.logIn(provider, '/orders')).location, '/orders');
    const held = provider.traffic.hold('/token');
    const asked = held.arrived().then(() => 'asked' as const);
    const answers: Promise<Answer>[] = [];
    for (let first: unknown = null; first !== 'asked';) {
      const batch = Array.from({ length: 8 }, () => client.call('/api'));
      answers.push(...batch);
      first = await Promise.race([asked, Promise.all(batch)]);
    }
    held.release();
    const renewed = (await Promise.all(answers)).filter((answer) => {
      assert.equal(callerIn(seenBy(answer)), 'alice');
      return answer.setCookies.length > 0;
    });
    assert.ok(renewed.length > 0);
    assert.equal(provider.traffic.count('/token'), 2);
    assert.equal((await client.page('/orders')).status, 200);
  });
});

describe('a provider that is away', () => {
  it(
    'at the start costs nobody but who has to log in, and is noticed when it is there',
    TIMEOUT,
    async () => {
      await using world = await loginWorld();
      const { provider } = world;
      provider.goDown();
      const client = new LoginClient((await world.start()).port);
      assert.equal((await client.page('/bye')).status, 200);
      const answer = await client.page('/orders');
      assert.equal(answer.status, 503);
      assert.match(answer.body, /IDENTITY_UNAVAILABLE/);
      assert.match(answer.body, /corporate/);
      assert.equal((await client.call('/api')).status, 401);
      provider.comeBack();
      await until(
        () => client.page('/orders'),
        ({ status }) => status === 302,
      );
      assert.equal((await client.logIn(provider, '/orders')).location, '/orders');
    },
  );

  it('when a browser comes back lets it come back again', TIMEOUT, async () => {
    await using world = await loginWorld();
    const { provider } = world;
    const client = new LoginClient((await world.start()).port);
    const { location } = await client.page('/orders');
    const back = new URL(await provider.browser().signIn(location));
    provider.goDown();
    assert.equal((await client.page(back.pathname + back.search)).status, 503);
    provider.comeBack();
    const answer = await until(
      () => client.page(back.pathname + back.search),
      ({ status }) => status === 303,
    );
    assert.equal(answer.location, '/orders');
    assert.equal(callerIn(seenBy(await client.call('/api'))), 'alice');
  });

  it('is not missed by those who are logged in', TIMEOUT, async () => {
    await using world = await loginWorld();
    const client = new LoginClient((await world.start()).port);
    await client.logIn(world.provider, '/orders');
    world.provider.goDown();
    for (let i = 0; i < 8; i++) assert.equal(callerIn(seenBy(await client.call('/api'))), 'alice');
  });

  it('when tokens have run out costs no session', TIMEOUT, async () => {
    await using world = await loginWorld({ accessTokenLifetimeSeconds: 1 });
    const { provider } = world;
    const client = new LoginClient((await world.start()).port);
    await client.logIn(provider, '/orders');
    provider.goDown();
    const away = await until(
      () => client.call('/api'),
      ({ status }) => status !== 200,
    );
    assert.equal(away.status, 503, away.body);
    assert.match(away.body, /IDENTITY_UNAVAILABLE/);
    provider.comeBack();
    const back = await until(
      () => client.page('/api'),
      ({ status }) => status !== 503,
    );
    assert.equal(callerIn(seenBy(back)), 'alice');
  });

  it('keeps nobody from logging out', TIMEOUT, async () => {
    await using world = await loginWorld();
    const client = new LoginClient((await world.start()).port);
    await client.logIn(world.provider, '/orders');
    const copy = client.cookie;
    world.provider.goDown();
    const answer = await client.page('/_auth/logout');
    assert.equal(answer.status, 303);
    assert.equal(client.cookies.size, 0);
    await until(
      () => client.ask('/api', { cookie: copy }),
      ({ status }) => status === 401,
    );
  });
});

describe('gateways that share Redis', { skip: withoutRedis() }, () => {
  it('know of each other’s logouts', TIMEOUT, async () => {
    await using redis = await redisServer();
    await using world = await loginWorld();
    const other = new LoginClient((await world.startSharing(redis.url)).port);
    const client = new LoginClient((await world.startSharing(redis.url)).port);
    await client.logIn(world.provider, '/orders');
    const copy = client.cookie;
    const atOther = () => other.ask('/api', { cookie: copy });
    assert.equal(callerIn(seenBy(await atOther())), 'alice');
    assert.equal((await client.page('/_auth/logout')).status, 303);
    await until(atOther, ({ status }) => status === 401);
  });
});

describe('a login', () => {
  let world: LoginWorld;
  let gateway: LoginGateway;
  before(async () => {
    world = await loginWorld();
    gateway = await world.start();
  });
  after(() => world[Symbol.asyncDispose]());

  const TRICKS = [
    '//evil.example/',
    '///evil.example/',
    '/\\evil.example/',
    '/%5Cevil.example/',
    '/%2F/evil.example/',
    '/%09/evil.example/',
    '/.//evil.example/',
    '/..//evil.example/',
    '/a/..//evil.example/',
    '/@evil.example/',
    '/?next=https://evil.example/',
    'http://evil.example/',
  ];
  for (const trick of TRICKS) {
    it(`on the way to ${trick} leads nowhere else`, TIMEOUT, async () => {
      const client = new LoginClient(gateway.port);
      const first = await client.page(trick);
      if (first.status !== 302) {
        assert.ok(first.status >= 400 && first.status < 500, `${first.status}`);
        return;
      }
      const redirect = new URL(first.location).searchParams.get('redirect_uri') ?? '';
      if (trick.startsWith('http:')) {
        assert.equal(redirect, '');
        return;
      }
      assert.equal(new URL(redirect).origin, gateway.origin);
      const back = new URL(await world.provider.browser().signIn(first.location));
      const { status, location } = await client.page(back.pathname + back.search);
      assert.equal(status, 303);
      assert.match(location, /^\/(?![/\\])/);
      assert.equal(new URL(location, gateway.origin).origin, gateway.origin);
    });
  }

  it('counts once, and only in the browser that began it', TIMEOUT, async () => {
    const client = new LoginClient(gateway.port);
    const { location } = await client.page('/orders');
    const back = new URL(await world.provider.browser().signIn(location, 'mallory'));
    const path = back.pathname + back.search;
    const victim = new LoginClient(gateway.port);
    const planted = await victim.page(path);
    assert.equal(planted.status, 400);
    assert.match(planted.body, /LOGIN_OVER/);
    assert.equal(victim.cookies.size, 0);
    assert.equal((await client.page(path)).status, 303);
    assert.equal((await client.page(path)).status, 400);
  });

  it('with a changed answer does not count', TIMEOUT, async () => {
    const changes: readonly ((back: URL) => void)[] = [
      ({ searchParams }) => searchParams.set('code', 'another'),
      ({ searchParams }) => searchParams.set('iss', 'https://evil.example'),
      ({ searchParams }) => searchParams.delete('iss'),
      ({ searchParams }) => searchParams.append('code', 'another'),
      ({ searchParams }) => searchParams.set('error', 'access_denied'),
    ];
    for (const change of changes) {
      const client = new LoginClient(gateway.port);
      const { location } = await client.page('/orders');
      const back = new URL(await world.provider.browser().signIn(location));
      change(back);
      const answer = await client.page(back.pathname + back.search);
      assert.equal(answer.status, 403, `${back.search} ${answer.body}`);
      assert.doesNotMatch(answer.body, /evil|another|access_denied/);
      assert.equal(client.cookies.size, 0);
    }
  });
});
