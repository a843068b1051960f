// What a caller may try with the tokens and sessions of several providers, and what a provider may answer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import {
  answer,
  fieldOf,
  fieldsOf,
  rawClient,
  reply,
  scriptedUpstream,
  startPlane,
  type Plane,
} from '@turnpike/testkit';
import { dpopKey, identityProvider, type TestProvider } from '@turnpike/testkit/identity-provider';
import { get } from '../wire/fixture.ts';

const CLIENT = { clientId: 'gateway', clientSecret: 'secret-of-gateway' };
const LOGIN = {
  clientId: 'web',
  clientSecret: 'secret-of-web',
  session: { secret: 'a-secret-of-thirty-two-characters-and-more' },
};

/** A gateway with a route for each of these providers, by its name, and one for all of them. */
interface Site {
  readonly plane: Plane;
  /** Status of the answer to a token. */
  bearer(path: string, token: string): Promise<number>;
  ask(path: string, ...fields: readonly string[]): Promise<Awaited<ReturnType<typeof asked>>>;
  apply(providers: Providers): Promise<void>;
}

type Providers = Readonly<Record<string, object>>;

async function site(t: TestContext, providers: Providers): Promise<Site> {
  const upstream = await scriptedUpstream(answer(reply('x')));
  const document = (identityProviders: Providers) => ({
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { main: { endpoints: [upstream.url] } },
    identityProviders,
    routes: Object.fromEntries(
      [
        ...Object.keys(identityProviders).map((name) => [name, [name]] as const),
        ['all', Object.keys(identityProviders)] as const,
      ].map(([name, ways]) => [
        name,
        { match: { path: `/${name}` }, service: 'main', policies: { authenticate: { with: ways } } },
      ]),
    ),
  });
  const plane = await startPlane(document(providers));
  t.after(async () => {
    await upstream.close();
    await plane.close();
  });
  const ask: Site['ask'] = (path, ...fields) => asked(plane, path, fields);
  return {
    plane,
    ask,
    bearer: async (path, token) => (await ask(path, `Authorization: Bearer ${token}`)).status,
    apply: (next) => plane.apply(document(next)),
  };
}

async function asked({ port }: Plane, path: string, fields: readonly string[]) {
  const client = await rawClient(port);
  try {
    return await client.ask(get(path, ...fields));
  } finally {
    client.destroy();
  }
}

function trusting({ issuer }: { readonly issuer: string }, more: object = {}): object {
  return { issuer, audiences: ['orders'], introspection: CLIENT, ...more };
}

async function realProvider(t: TestContext): Promise<TestProvider> {
  const provider = await identityProvider();
  t.after(() => provider.close());
  return provider;
}

/** A provider that answers to introspections, and to nothing else, as the test says. */
async function scriptedProvider(
  t: TestContext,
  respond: (token: string, response: ServerResponse) => unknown,
): Promise<object> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => respond(new URLSearchParams(body).get('token') ?? '', response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return trusting(
    { issuer },
    { introspection: { ...CLIENT, endpoint: `${issuer}/introspect`, cache: '0s' } },
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function says(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

/** Logs a browser in at `/one`; gives its cookies. */
async function logIn({ plane }: Site, provider: TestProvider): Promise<string> {
  const host = `localhost:${plane.port}`;
  provider.setWeb({ redirectUris: [`http://${host}/_auth/callback`] });
  const client = await rawClient(plane.port);
  const page = async (path: string, cookie: string) => {
    const fields = [`Host: ${host}`, 'Accept: text/html', `Cookie: ${cookie}`];
    const sent = await client.ask(`GET ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
    const kept = fieldsOf(sent, 'set-cookie').filter((value) => !value.includes('Max-Age=0'));
    const pairs = kept.map((value) => value.slice(0, value.indexOf(';'))).join('; ');
    return { location: fieldOf(sent, 'location') ?? '', pairs };
  };
  try {
    const { location, pairs } = await page('/one', 'a=b');
    const back = new URL(await provider.browser().signIn(location, 'alice'));
    return (await page(back.pathname + back.search, pairs)).pairs;
  } finally {
    client.destroy();
  }
}

describe('a token of one provider', () => {
  it('is good for nobody but those who trust it, remembered or not', async (t) => {
    const [one, other] = [await realProvider(t), await realProvider(t)];
    const { bearer } = await site(t, { one: trusting(one), other: trusting(other) });
    const tokens = [await one.accessToken({ audience: 'orders' }), await one.accessToken()];
    for (const token of tokens) {
      for (const path of ['/one', '/all', '/one', '/all']) assert.equal(await bearer(path, token), 200);
      for (const path of ['/other', '/other']) assert.equal(await bearer(path, token), 401);
      assert.equal(await bearer('/one', token), 200);
    }
  });

  it('is judged anew when the configuration of its provider has changed', async (t) => {
    const [one, other] = [await realProvider(t), await realProvider(t)];
    const { bearer, apply } = await site(t, { one: trusting(one) });
    const [signed, opaque] = [await one.accessToken({ audience: 'orders' }), await one.accessToken()];
    const changes: readonly (readonly [provider: object, signed: number, opaque: number])[] = [
      [trusting(one), 200, 200],
      [trusting(one, { audiences: ['billing'] }), 401, 200],
      [trusting(one, { algorithms: ['ES256'] }), 401, 200],
      [trusting(one, { dpop: 'required' }), 401, 401],
      [trusting(other), 401, 401],
      [trusting(one), 200, 200],
    ];
    for (const [provider, forSigned, forOpaque] of changes) {
      await apply({ one: provider });
      for (let again = 0; again < 2; again++) {
        assert.equal(await bearer('/one', signed), forSigned);
        assert.equal(await bearer('/one', opaque), forOpaque);
      }
    }
  });

  it('is no longer good when its key was withdrawn', async (t) => {
    const one = await realProvider(t);
    const { bearer } = await site(t, { one: trusting(one) });
    const before = await one.accessToken({ audience: 'orders' });
    assert.equal(await bearer('/one', before), 200);
    await one.rotateKeys('forgotten');
    assert.equal(await bearer('/one', await one.accessToken({ audience: 'orders' })), 200);
    assert.equal(await bearer('/one', before), 401);
  });

  it('is not a proof, nor a code, nor what was never a token', async (t) => {
    const one = await realProvider(t);
    const { bearer } = await site(t, { one: trusting(one) });
    const proof = await (await dpopKey()).proof({ method: 'GET', url: 'http://gateway.test/one' });
    for (const token of [proof, 'code', 'a.b.c', 'e30.e30.', 'e30.e30.e30.e30.e30'])
      assert.equal(await bearer('/one', token), 401, token);
  });

  it('is judged to the end when its provider changes meanwhile, and anew after that', async (t) => {
    const [one, other] = [await realProvider(t), await realProvider(t)];
    const { bearer, apply } = await site(t, { one: trusting(one) });
    const token = await one.accessToken();
    const held = one.traffic.hold('/token/introspection');
    const waiting = bearer('/one', token);
    await held.arrived();
    await apply({ one: trusting(other) });
    held.release();
    assert.equal(await waiting, 200);
    assert.equal(await bearer('/one', token), 401);
  });
});

describe('a session', () => {
  it('is of its issuer, and of no other that has taken its name', async (t) => {
    const [one, other] = [await realProvider(t), await realProvider(t)];
    const here = await site(t, { one: trusting(one, { login: LOGIN }) });
    const cookies = await logIn(here, one);
    const status = async () => (await here.ask('/one', `Cookie: ${cookies}`)).status;
    assert.equal(await status(), 200);
    await here.apply({ one: trusting(other, { login: LOGIN }) });
    assert.equal(await status(), 401);
    await here.apply({ one: trusting(one, { login: { ...LOGIN, clientId: 'machine' } }) });
    assert.equal(await status(), 401);
    await here.apply({ one: trusting(one, { login: LOGIN }) });
    assert.equal(await status(), 200);
  });
});

describe('a provider that is asked about a token', () => {
  it('may answer with anything: nobody gets in by it, and nobody waits', async (t) => {
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const answers: Readonly<Record<string, readonly [status: number, text: string, expected: number]>> = {
      good: [200, '{"active":true,"sub":"alice"}', 200],
      'a-text': [200, '{"active":"true","sub":"alice"}', 503],
      'a-list': [200, '[true]', 503],
      'an-error': [200, '{"error":"invalid_client"}', 503],
      html: [200, '<title>Log in</title>', 503],
      elsewhere: [302, '{"active":true,"sub":"alice"}', 503],
      huge: [200, `{"active":true,"sub":"${'a'.repeat(70_000)}"}`, 503],
      nested: [200, `{"active":true,"sub":"alice","x":${nested}}`, 401],
      'half-a-pair': [200, '{"active":true,"sub":"\\ud800"}', 401],
      nobody: [200, '{"active":true}', 401],
      refresh: [200, '{"active":true,"sub":"alice","token_use":"refresh_token"}', 401],
    };
    const provider = await scriptedProvider(t, (token, response) => {
      const [status, text] = answers[token.replace(/~.*/, '')] ?? [200, '{"active":false}'];
      says(response, status, text);
    });
    const { bearer, plane } = await site(t, { one: provider });
    for (const [token, [, , expected]] of Object.entries(answers)) {
      assert.equal(await bearer('/one', token), expected, token);
      // An answer in between, or the provider would count as failing.
      assert.equal(await bearer('/one', `other~${token}`), 401);
    }
    assert.deepEqual(
      plane.log.filter(({ level }) => level === 'error'),
      [],
    );
  });

  it('is asked about others although it does not like those of one caller', async (t) => {
    const provider = await scriptedProvider(t, (token, response) => {
      if (token.startsWith('bad')) says(response, 400, '{"error":"invalid_request"}');
      else says(response, 200, '{"active":true,"sub":"alice"}');
    });
    const { bearer } = await site(t, { one: provider });
    for (let i = 0; i < 8; i++) assert.equal(await bearer('/one', `bad${i}`), 503);
    assert.equal(await bearer('/one', 'good'), 200);
  });

  it('holds up nobody but those who need its answer', async (t) => {
    const [one, other] = [await realProvider(t), await realProvider(t)];
    const { bearer } = await site(t, { one: trusting(one), other: trusting(other) });
    const signed = await one.accessToken({ audience: 'orders' });
    const opaque = await other.accessToken();
    const held = one.traffic.hold('/token/introspection');
    const waiting = Array.from({ length: 40 }, (_, i) => bearer('/one', `made-up-${i}`));
    await held.arrived(40);
    assert.equal(await bearer('/one', signed), 200);
    assert.equal(await bearer('/other', opaque), 200);
    held.release();
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set([401]));
  });
});

describe('callers who make up key ids and tokens', () => {
  it('cause no call each', async (t) => {
    const one = await realProvider(t);
    const { bearer } = await site(t, { one: trusting(one) });
    const token = await one.accessToken({ audience: 'orders' });
    assert.equal(await bearer('/one', token), 200);
    const [header = '', ...rest] = token.split('.');
    const known = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    const calls = one.traffic.count('/jwks');
    for (let i = 0; i < 50; i++) {
      const forged = Buffer.from(JSON.stringify({ ...known, kid: `made-up-${i}` })).toString('base64url');
      assert.equal(await bearer('/one', [forged, ...rest].join('.')), 401);
    }
    assert.ok(one.traffic.count('/jwks') - calls <= 1);
    assert.equal(await bearer('/one', token), 200);
  });
});
