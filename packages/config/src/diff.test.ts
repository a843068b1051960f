import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadYaml } from '../test/fixtures.ts';
import { diffConfig } from './diff.ts';
import type { GatewayConfig } from './resolved.ts';

async function configOf(text: string): Promise<GatewayConfig> {
  const { config, issues } = await loadYaml(text);
  assert.ok(config !== null, issues[0]?.message ?? '');
  return config;
}

it('lists what was added, removed and changed', async () => {
  const before = await configOf(`
services: { s: { endpoints: [http://a] }, t: { endpoints: [http://b] } }
routes: { a: { match: { path: /a }, service: s }, b: { match: { path: /b }, service: t } }
`);
  const after = await configOf(`
services: { s: { endpoints: [http://a], balancer: random } }
routes: { a: { match: { path: /a }, service: s }, c: { match: { path: /c }, service: s } }
admin: off
`);
  assert.deepEqual(diffConfig(before, after), [
    { kind: 'changed', section: 'service', id: 's' },
    { kind: 'removed', section: 'service', id: 't' },
    { kind: 'added', section: 'route', id: 'c' },
    { kind: 'removed', section: 'route', id: 'b' },
    { kind: 'removed', section: 'admin', id: 'admin' },
  ]);
});

it('sees no change in moved lines and in defaults that are written out', async () => {
  const before = await configOf('routes: { a: { respond: {} } }');
  const after = await configOf('\n\nroutes:\n  a: { respond: { status: 200 }, match: { path: /* } }');
  assert.deepEqual(diffConfig(before, after), []);
});

it('sees callers, lists and what logins add', async () => {
  const before = await configOf(`
identityProviders: { p: { issuer: https://p } }
consumers: { c: { keys: [exactly-16-chars] } }
lists: { l: { file: l.txt } }
`);
  const after = await configOf(`
identityProviders:
  p:
    issuer: https://p
    login: { clientId: c, clientSecret: s, session: { secret: 0123456789-0123456789-0123456789 } }
consumers: { c: { keys: [another-16-chars] }, d: { keys: [exactly-16-chars] } }
`);
  assert.deepEqual(diffConfig(before, after), [
    { kind: 'changed', section: 'identity provider', id: 'p' },
    { kind: 'changed', section: 'consumer', id: 'c' },
    { kind: 'added', section: 'consumer', id: 'd' },
    { kind: 'removed', section: 'list', id: 'l' },
    { kind: 'added', section: 'route', id: 'login/p/callback' },
    { kind: 'added', section: 'route', id: 'login/p/logout' },
  ]);
});

it('sees stores, limits, and texts of documents', async () => {
  const policies = '{ validate: { query: {} } }';
  const text = `routes: { r: { respond: {}, policies: ${policies} } }\n`;
  const config = await configOf(text);
  const before = { ...config, documents: { '/schema.json': '{}' } };
  assert.deepEqual(diffConfig(before, { ...before, documents: { '/schema.json': '{"type":"object"}' } }), [
    { kind: 'changed', section: 'document', id: '/schema.json' },
  ]);
  const limited = text.replace(policies, '{ rateLimit: { limit: 1, per: 1s } }');
  const after = await configOf(`${limited}stores: { redis: { url: redis://a } }`);
  assert.deepEqual(diffConfig(before, after), [
    { kind: 'changed', section: 'stores', id: 'stores' },
    { kind: 'removed', section: 'document', id: '/schema.json' },
    { kind: 'changed', section: 'route', id: 'r' },
  ]);
});
