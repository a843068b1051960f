import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Plane } from '@turnpike/testkit';
import { apiRoute, TEXTS, users } from './api.ts';
import { modern, plane, post, sdkClient, type Origin } from './fixture.ts';

const ISSUER = 'https://login.example.com';
const RESOURCE = 'https://api.example.com/mcp';
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function token(claims: object = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = { iss: ISSUER, aud: RESOURCE, sub: 'ann', exp: nowSeconds + 600, ...claims };
  const text = `${part({ alg: 'ES256', kid: 'k' })}.${part(payload)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

interface Rig {
  readonly gateway: Plane;
  readonly service: Origin;
}

/** An endpoint for callers with a token; `delete…` takes a scope. */
async function rig(t: TestContext, mcp: object = {}, policies: object = {}, consumers = {}): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-mcp-'));
  t.after(() => rm(directory, { recursive: true }));
  const jwks = join(directory, 'keys.json');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' };
  await writeFile(jwks, JSON.stringify({ keys: [key] }));
  const service = await users(t);
  const access = { 'delete*': { scopes: ['users:delete'] } };
  const translate = { mcp: { tools: [{ openapi: '/api.json', service: 'users' }], access, ...mcp } };
  const authenticate = { with: ['corporate'], forwardCredentials: 'tokens' };
  const route = apiRoute(service, {}, { translate, policies: { authenticate, ...policies } });
  const identityProviders = { corporate: { jwks, issuer: ISSUER, audiences: [RESOURCE] } };
  return { gateway: await plane(t, { ...route, identityProviders, consumers }, TEXTS), service };
}

async function metadata(
  { port }: Plane,
  path: string,
): Promise<{ status: number; json: unknown; origin: string | null }> {
  const { status, headers, ...response } = await fetch(`http://127.0.0.1:${port}${path}`).then(
    async (got) => ({
      status: got.status,
      headers: got.headers,
      text: await got.text(),
    }),
  );
  return { status, json: JSON.parse(response.text), origin: headers.get('access-control-allow-origin') };
}

describe('an endpoint for callers with a token', () => {
  it('tells where one can be had', async (t) => {
    const { gateway } = await rig(t);
    const refused = await post(gateway, ...modern('tools/list'));
    const at = `http://127.0.0.1:${gateway.port}`;
    assert.equal(refused.status, 401);
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      new RegExp(`^Bearer .*resource_metadata="${at}/.well-known/oauth-protected-resource/mcp"`),
    );
    assert.deepEqual(await metadata(gateway, '/.well-known/oauth-protected-resource/mcp'), {
      status: 200,
      json: {
        resource: `${at}/mcp`,
        resource_name: 'tools',
        authorization_servers: [ISSUER],
        scopes_supported: ['users:delete'],
        bearer_methods_supported: ['header'],
      },
      origin: '*',
    });
  });

  it('says its address as it is configured, and the scopes that everybody needs', async (t) => {
    const policies = { authorize: { scopes: ['mcp:use'] } };
    const { gateway } = await rig(t, { resource: RESOURCE }, policies);
    const refused = await post(gateway, ...modern('tools/list'));
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /resource_metadata="https:\/\/api.example.com\/.well-known\/oauth-protected-resource\/mcp", scope="mcp:use"/,
    );
    const { json } = await metadata(gateway, '/.well-known/oauth-protected-resource/mcp');
    assert.equal((json as { resource: string }).resource, RESOURCE);
  });

  it('takes only tokens that are for it', async (t) => {
    const { gateway } = await rig(t);
    const [body, headers] = modern('tools/list');
    const bearing = (text: string) => post(gateway, body, { ...headers, authorization: `Bearer ${text}` });
    assert.equal((await bearing(token({ aud: 'https://other.example.com' }))).status, 401);
    const { status, json } = await bearing(token());
    assert.equal(status, 200);
    assert.equal(json.result.cacheScope, 'private');
  });

  it('shows tools to those who may call them, and tells the others what it takes', async (t) => {
    const { gateway, service } = await rig(t);
    const headersOf = (scope: string) => ({ authorization: `Bearer ${token({ scope })}` });
    const few = await sdkClient(t, gateway, { era: 'modern', headers: headersOf('users:read') });
    const all = await sdkClient(t, gateway, { era: 'legacy', headers: headersOf('users:delete') });
    assert.equal((await few.listTools()).tools.length, 3);
    assert.equal((await all.listTools()).tools.length, 4);
    const [call, headers] = modern('tools/call', { name: 'deleteUser', arguments: { id: '1' } });
    const refused = await post(gateway, call, { ...headers, ...headersOf('users:read') });
    assert.equal(refused.status, 403);
    assert.match(
      refused.headers.get('www-authenticate') ?? '',
      /^Bearer error="insufficient_scope", scope="users:delete", resource_metadata="http:/,
    );
    await all.callTool({ name: 'deleteUser', arguments: { id: '1' } });
    assert.equal(service.seen.length, 1);
    assert.equal(service.seen[0]?.headers.authorization, undefined, 'a token for us is for nobody else');
  });

  it('names the ways in of its route, whatever they are', async (t) => {
    const [call, headers] = modern('tools/call', { name: 'deleteUser', arguments: { id: '1' } });
    const challengesOf = async ({ gateway }: Rig, more: object = {}) => {
      const refused = await post(gateway, call, { ...headers, ...more });
      return [refused.status, refused.headers.get('www-authenticate')];
    };
    const optional = { with: ['consumers'], optional: true, apiKeyFrom: ['header:x-key'] };
    const byKey = await rig(
      t,
      {},
      { authenticate: optional },
      { ann: { keys: ['key-of-ann-key-of-ann-01'] } },
    );
    assert.deepEqual(await challengesOf(byKey), [401, 'ApiKey realm="turnpike", in="header", name="x-key"']);
    const known = await challengesOf(byKey, { 'x-key': 'key-of-ann-key-of-ann-01' });
    assert.deepEqual(known, [403, null], 'there is no word of HTTP for what a key lacks');
    const byToken = await rig(t, {}, { authenticate: { with: ['corporate'], optional: true } });
    const [status, challenges] = await challengesOf(byToken);
    assert.equal(status, 401);
    assert.match(
      String(challenges),
      /^Bearer realm="turnpike", scope="users:delete", resource_metadata="[^"]*", DPoP [^,]*, algs="[^"]*", scope="users:delete"/,
    );
  });

  it('knows a session only of the caller that began it', async (t) => {
    const { gateway } = await rig(t);
    const as = (sub: string) => ({ authorization: `Bearer ${token({ sub })}` });
    const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
    const { headers } = await post(gateway, hello, as('ann'));
    const session = { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
    const ping = { jsonrpc: '2.0', id: 2, method: 'ping' };
    assert.equal((await post(gateway, ping, { ...as('ann'), ...session })).status, 200);
    assert.equal((await post(gateway, ping, { ...as('bob'), ...session })).status, 404);
  });
});
