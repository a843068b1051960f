import { admin } from './admin.ts';
import { listeners } from './listeners.ts';
import { defaults, routes } from './routes.ts';
import { runtime } from './runtime.ts';
import { services } from './services.ts';
import { telemetry } from './telemetry.ts';
import { ADDRESS_LIST, API, CONSUMER, PROVIDER, REDIS } from './plans.ts';
import { orElse, planned, type Resolved, section, type Written } from './typebox.ts';

/** The whole document: one line a section. */
export const documentSchema = section('The configuration of a Turnpike gateway.', {
  listeners: orElse(listeners, { web: { address: '0.0.0.0:8080' } }),
  services: orElse(services, {}),
  defaults: orElse(defaults, {}),
  routes: orElse(routes, {}),
  admin: orElse(admin, {}),
  telemetry: orElse(telemetry, {}),
  runtime: orElse(runtime, {}),
  ...planned({
    identityProviders: ['Who vouches for callers: OpenID Connect issuers and key sets.', { '*': PROVIDER }],
    consumers: ['Callers known by key, certificate or password.', { '*': CONSUMER }],
    lists: ['Named address lists, used as @name.', { '*': ADDRESS_LIST }],
    apis: ['OpenAPI documents that make routes.', { '*': API }],
    stores: [
      'Redis and the database.',
      { redis: REDIS, database: ['What the admin API keeps.', { url: 'Where.' }] },
    ],
  }),
});

/** The document as people write it. */
export type GatewayDocument = Written<typeof documentSchema>;

/** The document with defaults and units, before it is given its final shape. */
export type ResolvedDocument = Resolved<typeof documentSchema>;
