import { admin } from './admin.ts';
import { apis } from './apis.ts';
import { certificates } from './certificates.ts';
import { consumers } from './consumers.ts';
import { identityProviders } from './identity-providers.ts';
import { listeners } from './listeners.ts';
import { lists } from './lists.ts';
import { defaults, routes } from './routes.ts';
import { runtime } from './runtime.ts';
import { services } from './services.ts';
import { telemetry } from './telemetry.ts';
import { stores } from './stores.ts';
import { orElse, type Resolved, section, type Written } from './typebox.ts';

/** The whole document: one line a section. */
export const documentSchema = section('The configuration of a Turnpike gateway.', {
  listeners: orElse(listeners, { web: { address: '0.0.0.0:8080' } }),
  certificates: orElse(certificates, {}),
  services: orElse(services, {}),
  identityProviders: orElse(identityProviders, {}),
  consumers: orElse(consumers, {}),
  lists: orElse(lists, {}),
  apis: orElse(apis, {}),
  defaults: orElse(defaults, {}),
  routes: orElse(routes, {}),
  stores: orElse(stores, {}),
  admin: orElse(admin, {}),
  telemetry: orElse(telemetry, {}),
  runtime: orElse(runtime, {}),
});

/** The document as people write it. */
export type GatewayDocument = Written<typeof documentSchema>;

/** The document with defaults and units, before it is given its final shape. */
export type ResolvedDocument = Resolved<typeof documentSchema>;
