import assert from 'node:assert/strict';
import { it } from 'node:test';
import { configSchema, plainSource, readConfig } from '@turnpike/config';
import { configView } from './config-view.ts';

const PEM = '-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----';
const LONG = 'hidden-0123456789-0123456789-0123456789';

const document = {
  listeners: {
    web: { address: ':80' },
    secure: {
      address: ':443',
      tls: {
        certificates: [{ acme: { domains: ['a.example'], eab: { keyId: 'visible', hmacKey: LONG } } }],
      },
    },
  },
  admin: { tokens: [{ token: 'hidden', role: 'viewer' }] },
  runtime: { signingKey: PEM },
  telemetry: {
    otlp: { headers: { 'api-key': 'hidden' } },
    alerts: [
      {
        name: 'a',
        when: { route: 'a', slo: '99.9%' },
        notify: { url: 'https://hooks.example/hidden', shape: 'pagerduty', key: 'hidden' },
      },
      { name: 'b', when: { route: 'a', slo: '99.9%' }, notify: 'https://hooks.example/hidden' },
    ],
  },
  identityProviders: {
    a: {
      issuer: 'https://a.example',
      jwks: 'keys.json',
      introspection: { clientId: 'gateway', clientSecret: 'hidden' },
      client: { clientId: 'gateway', clientKey: PEM },
      dpopNonce: { secret: LONG },
      login: { clientId: 'web', clientSecret: 'hidden', session: { secret: [LONG, LONG] } },
    },
    b: {
      issuer: 'https://b.example',
      introspection: { clientId: 'gateway', clientKey: PEM },
      client: { clientId: 'gateway', clientSecret: 'hidden' },
      login: {
        clientId: 'web',
        clientKey: PEM,
        callbackPath: '/b/callback',
        logoutPath: '/b/logout',
        session: { secret: LONG, cookie: '__Host-b' },
      },
    },
  },
  consumers: {
    c: {
      keys: [`${LONG}-1`, { key: `${LONG}-2`, expires: '2027-01-31' }],
      basic: [{ username: 'visible', password: 'hidden' }],
      metadata: { secret: 'hidden' },
    },
  },
  stores: {
    redis: { url: ['rediss://hidden:hidden@redis.example'] },
    database: {
      url: 'postgres://hidden:hidden@db.example/turnpike',
      encryption: { keys: ['hidden-hidden-hidden-hidden-hidden'] },
    },
  },
  certificates: { shop: { certificate: 'visible', key: 'hidden' } },
  services: {
    e: {
      discovery: { etcd: 'http://127.0.0.1:2379', prefix: '/e/', username: 'visible', password: 'hidden' },
    },
    k: {
      discovery: { consul: 'http://127.0.0.1:8500', service: 'k', token: 'hidden' },
      balancer: { sticky: 'side', secret: LONG },
    },
  },
  routes: {
    s: { match: { path: '/s' }, services: { e: 1, k: 1 }, split: { sticky: 'side', secret: LONG } },
    a: { match: { path: '/a' }, respond: { status: 200, body: 'say "hunter2"' } },
  },
};

it('shows a configuration without secrets, wherever they stand', () => {
  const { config, issues } = readConfig([plainSource('a.yaml', document)]);
  assert.ok(config, issues[0]?.message ?? '');
  const view = JSON.stringify(configView(config, (text) => text.replaceAll('"hunter2"', '***')));
  assert.doesNotMatch(view, /hidden|hunter2/);
  assert.match(view, /say \*\*\*/);
  for (const shown of [
    '"role":"viewer"',
    '"username":"visible"',
    '"secrets":["***","***"]',
    'keys.json',
    '"urls":["***"]',
  ]) {
    assert.ok(view.includes(shown), shown);
  }
});

it('shows whether there is a secret at all', () => {
  const { config } = readConfig([plainSource('a.yaml', {})]);
  assert.ok(config);
  assert.match(JSON.stringify(configView(config, (text) => text)), /"signingKey":null/);
});

/** Of what we are to a provider. */
const CLIENT = ['clientKey', 'clientSecret'];

it('was asked about every secret that the schema knows', () => {
  const secrets = new Set([...secretsIn(configSchema())].map((path) => path.replaceAll(/\.\*|\[\]/g, '')));
  assert.deepEqual([...secrets].toSorted(), [
    'admin.tokens.token',
    'certificates.key',
    'consumers.basic.password',
    'consumers.keys',
    'consumers.keys.key',
    ...CLIENT.map((secret) => `identityProviders.client.${secret}`),
    'identityProviders.dpopNonce.secret',
    ...CLIENT.map((secret) => `identityProviders.introspection.${secret}`),
    ...CLIENT.map((secret) => `identityProviders.login.${secret}`),
    'identityProviders.login.session.secret',
    'listeners.tls.certificates.acme.eab.hmacKey',
    'routes.split.secret',
    'runtime.signingKey',
    'services.balancer.secret',
    'services.discovery.password',
    'services.discovery.token',
    'stores.database.encryption.keys',
    'stores.database.url',
    'stores.redis.url',
    'telemetry.alerts.notify',
    'telemetry.alerts.notify.key',
    'telemetry.alerts.notify.url',
    'telemetry.debug.secret',
    'telemetry.otlp.headers',
  ]);
});

type Node = Readonly<Record<string, unknown>>;

function* secretsIn(schema: Node, path = ''): Generator<string> {
  if (schema['writeOnly'] === true) yield path;
  const {
    properties = {},
    anyOf = [],
    items,
    additionalProperties,
  } = schema as {
    readonly properties?: Readonly<Record<string, Node>>;
    readonly anyOf?: readonly Node[];
    readonly items?: Node;
    readonly additionalProperties?: Node | boolean;
  };
  for (const [key, property] of Object.entries(properties)) {
    yield* secretsIn(property, path === '' ? key : `${path}.${key}`);
  }
  for (const branch of anyOf) yield* secretsIn(branch, path);
  if (items) yield* secretsIn(items, `${path}[]`);
  if (typeof additionalProperties === 'object') yield* secretsIn(additionalProperties, `${path}.*`);
}
