// What a client may try with the spelling of a request, so that credentials count for one and not for the other.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  answer,
  fieldOf,
  fieldsOf,
  rawClient,
  reply,
  scriptedUpstream,
  startPlane,
  type RawResponse,
} from '@turnpike/testkit';
import { dpopKey, identityProvider } from '@turnpike/testkit/identity-provider';
import { chunks, codeOf, gateway, get, request, type GatewayPlan, type Rig } from '../wire/fixture.ts';

const KEY = 'key-of-acme-0123456789';
const SOURCES = ['header:x-api-key', 'query:api_key', 'cookie:api-key'];
const KNOWN = { authenticate: { with: 'consumers', apiKeyFrom: SOURCES }, forwardIdentity: 'headers' };
const OPTIONAL = { authenticate: { with: ['corporate', 'consumers'], optional: true } };

/** Everything under `/known` is for callers with a key, everything under `/optional` also for those with nothing. */
function rig(t: TestContext, more: Partial<GatewayPlan> = {}): Promise<Rig> {
  return gateway(t, {
    upstream: answer(reply('x')),
    ...more,
    routes: {
      known: { match: { path: '/known/*' }, service: 'main', policies: KNOWN, upgrade: ['websocket'] },
      optional: { match: { path: '/optional' }, service: 'main', policies: OPTIONAL },
      ...more.routes,
    },
    sections: {
      consumers: { acme: { keys: [KEY], basic: [{ username: 'ann', password: 'plain secret' }] } },
      identityProviders: { corporate: { issuer: 'https://login.example.com', audiences: ['orders'] } },
      ...more.sections,
    },
  });
}

function asked({ client }: Rig, text: string, method?: string): Promise<RawResponse> {
  return client().then((connection) => connection.ask(text, method));
}

describe('a protected path', () => {
  const spellings = [
    'GET /known/x',
    'GET //known/x',
    'GET /./known/x',
    'GET /%6bnown/x',
    'GET /%6Bnown/%78',
    'GET /open/../known/x',
    'GET /open/%2e%2E/known/x',
    'GET /known',
    'GET /known/',
    'GET /known?/open',
    'GET http://gateway.test/known/x',
    'HEAD /known/x',
    'OPTIONS /known/x',
    'POST /known/x',
    'INVENTED /known/x',
  ];
  it('is protected in every spelling and for every method', async (t) => {
    const site = await rig(t);
    for (const spelling of spellings)
      assert.equal((await asked(site, request(spelling))).status, 401, spelling);
    assert.equal((await asked(site, 'GET /known/x HTTP/1.0\r\n\r\n')).status, 401);
    const upgrade = ['Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: x'];
    assert.equal((await asked(site, get('/known/x', ...upgrade))).status, 401);
    assert.equal(site.upstream.requests.length, 0);
  });

  it('has no spelling that only a service reads as one', async (t) => {
    const site = await rig(t);
    for (const path of [
      '/known%2Fx',
      '/known%5Cx',
      '/known\\x',
      '/x/..;/known/x',
      '/%256bnown/x',
      '/known%00/x',
    ])
      assert.equal(codeOf(await asked(site, get(path))), 'BAD_PATH', path);
  });
});

describe('an Authorization that a service may read as a token', () => {
  const fields = [
    'Bearer\tforged',
    'bearer\tforged',
    'Bearer\u00a0forged',
    'Bearer\u0085forged',
    'Bearer,forged',
    'Bearer:forged',
    'Bearer=forged',
    '\u00a0Bearer forged',
    '"Bearer forged"',
    ',Bearer forged',
    'Bearer',
    'Bearer  forged',
    'DPoP\tforged',
    'Basic\tYW5uOnBsYWluIHNlY3JldA==',
    '\u00a0Basic YW5uOnBsYWluIHNlY3JldA==',
  ];
  it('is refused and not passed on as if it were nothing', async (t) => {
    const site = await rig(t);
    for (const field of fields) {
      const refused = await asked(site, get('/optional', `Authorization: ${field}`));
      assert.equal(refused.status, 401, JSON.stringify(field));
    }
    assert.equal(site.upstream.requests.length, 0);
  });

  it('is left to the service when it is about something else', async (t) => {
    const site = await rig(t);
    for (const field of ['Negotiate YII=', 'Bearerish x', 'AWS4-HMAC-SHA256 Credential=x']) {
      assert.equal((await asked(site, get('/optional', `Authorization: ${field}`))).status, 200);
      assert.equal(fieldOf(site.upstream.requests.at(-1) ?? assert.fail(), 'authorization'), field);
    }
  });
});

describe('a proof of possession', () => {
  it('may come with the type of a body', async (t) => {
    const provider = await identityProvider();
    t.after(() => provider.close());
    const corporate = { issuer: provider.issuer, audiences: ['orders'] };
    const site = await rig(t, { sections: { identityProviders: { corporate } } });
    const key = await dpopKey();
    const accessToken = await provider.accessToken({ audience: 'orders', dpopKey: key });
    const proof = await key.proof({ method: 'POST', url: 'http://gateway.test/optional', accessToken });
    const fields = [`Authorization: DPoP ${accessToken}`, `DPoP: ${proof}`];
    const asJson = request('POST /optional', [...fields, 'Content-Type: application/json'], '{}');
    assert.equal((await asked(site, asJson)).status, 200);
    assert.equal((await asked(site, asJson)).status, 401);
    assert.equal(
      (await asked(site, request('POST /optional', [...fields, `DPoP: ${proof}`], '{}'))).status,
      400,
    );
  });
});

describe('what a service is told of a caller', () => {
  it('cannot be said by the caller, in no spelling', async (t) => {
    const site = await rig(t);
    const forged = ['X-Identity-Subject: root', 'x_identity_subject: root', 'X-IDENTITY-SCOPES: admin'];
    const strip = 'Connection: x-identity-subject, authorization, cookie';
    assert.equal((await asked(site, get('/known/x', `X-API-Key: ${KEY}`, strip, ...forged))).status, 200);
    const talk = await site.upstream.request(0);
    assert.deepEqual(fieldsOf(talk, 'x-identity-subject'), ['acme']);
    assert.doesNotMatch(talk.head, /root|admin/);
  });

  it('cannot be said behind a body', async (t) => {
    const site = await rig(t);
    const forged = ['X-Identity-Subject: root', 'X-Identity-Token: root', 'Cookie: root'];
    const text = request('POST /known/x', [`X-API-Key: ${KEY}`, 'Transfer-Encoding: chunked']);
    assert.equal((await asked(site, text + chunks(['abc'], [...forged, 'X-Sum: 1']))).status, 200);
    const { trailers } = await (await site.upstream.request(0)).whole();
    assert.deepEqual(trailers, [['X-Sum', '1']]);
  });

  it('cannot be said to a service that decides', async (t) => {
    const decider = await scriptedUpstream(answer(reply('')));
    t.after(() => decider.close());
    const external = {
      url: decider.url,
      requestHeaders: ['x-identity-subject', 'client-cert', 'x-tenant', 'x-api-key'],
      upstreamHeaders: ['x-role'],
    };
    const policies = { ...KNOWN, authorize: { external } };
    const site = await rig(t, {
      routes: { decided: { match: { path: '/decided' }, service: 'main', policies } },
    });
    const forged = ['X-Identity-Subject: root', 'Client-Cert: :AA==:', 'X-Role: root', 'X-Tenant: blue'];
    const cookie = `Cookie: a=b; api-key=${KEY}`;
    assert.equal((await asked(site, get('/decided?a=1', cookie, ...forged))).status, 200);
    assert.equal((await asked(site, get(`/decided?api_key=${KEY}&a=1`, ...forged))).status, 200);
    for (const { head, target } of decider.requests) {
      assert.equal(target, '/decided?a=1');
      assert.doesNotMatch(head, /root|AA==|key-of-acme/);
    }
    for (const { head } of site.upstream.requests) assert.doesNotMatch(head, /root|key-of-acme/);
  });
});

describe('a refused request', () => {
  it('has no byte of its body read, and is the last of its connection', async (t) => {
    const site = await rig(t);
    const client = await site.client();
    const refused = await client.ask(
      request('POST /known/x', ['Content-Length: 100000', 'Expect: 100-continue']),
    );
    assert.deepEqual([refused.status, refused.interims.length], [401, 0]);
    assert.equal(await client.closed(), 'fin');
    assert.equal(client.rest, '');
  });

  it('does not have its body taken for the next request', async (t) => {
    const site = await rig(t);
    const client = await site.client();
    const inner = get('/known/x', `X-API-Key: ${KEY}`);
    const padding = 'a'.repeat(30_000);
    const refused = await client.ask(
      request('POST /known/x', [`Content-Length: ${padding.length + inner.length}`]) + padding + inner,
    );
    assert.equal(refused.status, 401);
    assert.equal(await client.closed(), 'fin');
    assert.equal(site.upstream.requests.length, 0);
  });

  it('leaves a connection usable when nothing of it is left over', async (t) => {
    const site = await rig(t);
    const client = await site.client();
    assert.equal((await client.ask(request('POST /known/x', [], 'abc'))).status, 401);
    assert.equal((await client.ask(get('/known/x', `X-API-Key: ${KEY}`))).status, 200);
    assert.equal((await client.ask(get('/known/x'))).status, 401);
  });
});

describe('an API key', () => {
  it('stays out of logs, redirects and error bodies', async (t) => {
    const moved = {
      match: { path: '/moved/*' },
      redirect: { to: '/new/{rest}' },
      policies: { authenticate: KNOWN.authenticate },
    };
    const site = await rig(t, { routes: { moved } });
    const { fields } = await asked(site, get(`/moved/x?a=1&api%5fkey=${KEY}&b=2`));
    assert.equal(fieldOf({ fields }, 'location'), '/new/x?a=1&b=2');
    for (const query of [`api_key=${KEY}&api_key=${KEY}`, `api_key=${KEY}x`, `api_key=${KEY}%zz`]) {
      const { head, body, status } = await asked(site, get(`/moved/x?${query}`));
      assert.equal(status, 401);
      assert.doesNotMatch(head + body.toString(), /key-of-acme/);
    }
    assert.doesNotMatch(JSON.stringify([await site.plane.lines(4), site.plane.log]), /key-of-acme/);
  });
});

describe('the address of a client', () => {
  it('is not what the client says in a Host that its proxy quotes', async (t) => {
    const ipAccess = { allow: ['10.0.0.0/8'] };
    const inside = { match: { path: '/inside' }, service: 'main', policies: { ipAccess } };
    const site = await rig(t, { listener: { trustedProxies: ['127.0.0.1'] }, routes: { inside } });
    const denied = [
      'for=203.0.113.9;host="a,for=10.0.0.1"',
      'host="a;for=10.0.0.1";for=203.0.113.9',
      'for="10.0.0.1, for=203.0.113.9',
      'for=10.0.0.1, for=203.0.113.9;host="a\\",for=10.0.0.1;b=\\""',
    ];
    for (const element of denied)
      assert.equal((await asked(site, get('/inside', `Forwarded: ${element}`))).status, 403, element);
    assert.equal((await asked(site, get('/inside', 'Forwarded: for=10.0.0.1;host="a,b"'))).status, 200);
  });

  it('is not told any more by a proxy that is not trusted any more, on no connection', async (t) => {
    const upstream = await scriptedUpstream(answer(reply('x')));
    const document = (listener: object) => ({
      listeners: { web: { address: '127.0.0.1:0', ...listener } },
      services: { main: { endpoints: [upstream.url] } },
      routes: {
        inside: {
          match: { path: '/inside' },
          service: 'main',
          policies: { ipAccess: { allow: ['10.0.0.0/8'] } },
        },
      },
    });
    const trusting = { trustedProxies: ['127.0.0.1'] };
    const plane = await startPlane(document(trusting));
    const clients = [await rawClient(plane.port), await rawClient(plane.port)];
    t.after(async () => {
      for (const client of clients) client.destroy();
      await upstream.close();
      await plane.close();
    });
    const inside = () =>
      Promise.all(
        clients.map(async (client) => (await client.ask(get('/inside', 'X-Forwarded-For: 10.0.0.1'))).status),
      );
    assert.deepEqual(await inside(), [200, 200]);
    await plane.apply(document({}));
    assert.deepEqual(await inside(), [403, 403]);
    await plane.apply(document(trusting));
    assert.deepEqual(await inside(), [200, 200]);
  });

  it('is not told any more by a header of a proxy that is not trusted any more', async (t) => {
    const upstream = await scriptedUpstream(answer(reply('x')));
    const document = (trustedProxies: readonly string[]) => ({
      listeners: { web: { address: '127.0.0.1:0', proxyProtocol: true, trustedProxies } },
      services: { main: { endpoints: [upstream.url] } },
      routes: { main: { match: { path: '/*' }, service: 'main' } },
    });
    const plane = await startPlane(document(['127.0.0.1']));
    const client = await rawClient(plane.port);
    t.after(async () => {
      client.destroy();
      await upstream.close();
      await plane.close();
    });
    const header = 'PROXY TCP4 10.0.0.1 127.0.0.1 1 2\r\n';
    assert.equal((await client.ask(header + get('/'), 'GET')).status, 200);
    await plane.apply(document(['127.0.0.1', '::1']));
    assert.equal((await client.ask(get('/'))).status, 200);
    await plane.apply(document(['::1']));
    assert.equal(await client.closed(), 'fin');
  });
});
