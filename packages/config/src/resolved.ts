import type { AddressListConfig } from './resolved/access.ts';
import type { AdminConfig } from './resolved/admin.ts';
import type { ConsumerConfig, IdentityProviderConfig } from './resolved/identity.ts';
import type { ListenerConfig, NamedCertificateConfig } from './resolved/listeners.ts';
import type { PoliciesConfig } from './resolved/policies.ts';
import type { RouteConfig } from './resolved/routes.ts';
import type { RuntimeConfig } from './resolved/runtime.ts';
import type { ServiceConfig } from './resolved/services.ts';
import type { StoresConfig } from './resolved/stores.ts';
import type { TelemetryConfig } from './resolved/telemetry.ts';

export type * from './resolved/access.ts';
export type * from './resolved/admin.ts';
export type * from './resolved/browsers.ts';
export type * from './resolved/identity.ts';
export type * from './resolved/limits.ts';
export type * from './resolved/listeners.ts';
export type * from './resolved/places.ts';
export type * from './resolved/policies.ts';
export type * from './resolved/resilience.ts';
export type * from './resolved/routes.ts';
export type * from './resolved/runtime.ts';
export type * from './resolved/services.ts';
export type * from './resolved/stores.ts';
export type * from './resolved/streams.ts';
export type * from './resolved/telemetry.ts';
export type * from './resolved/translate.ts';
export type * from './resolved/validate.ts';

/**
 * What a valid configuration means: every default filled in, every unit converted, deeply frozen.
 *
 * Plain JSON on purpose: it crosses to the data threads by structured clone and is kept on disk as the last
 * known good. Sections are lists with an `id`, not objects keyed by name, so that order survives and a route
 * called `__proto__` is only a route.
 */
export interface GatewayConfig {
  readonly listeners: readonly ListenerConfig[];
  /** In order of names. */
  readonly certificates: readonly NamedCertificateConfig[];
  readonly services: readonly ServiceConfig[];
  readonly identityProviders: readonly IdentityProviderConfig[];
  readonly consumers: readonly ConsumerConfig[];
  readonly lists: readonly AddressListConfig[];
  readonly stores: StoresConfig;
  /**
   * Texts of the files that policies name, by absolute path: OpenAPI documents, schemas and plugins. Descriptor sets of services too, in
   * base64; those that were compiled from sources by their place in the configuration.
   */
  readonly documents: Readonly<Record<string, string>>;
  /** Those that were written, and those that `login` of an identity provider adds. */
  readonly routes: readonly RouteConfig[];
  readonly unrouted: UnroutedConfig;
  /** `null`: no admin API. */
  readonly admin: AdminConfig | null;
  readonly telemetry: TelemetryConfig;
  readonly runtime: RuntimeConfig;
}

/** What holds for our own replies to requests that no route takes: of the defaults. */
export type UnroutedConfig = Pick<PoliciesConfig, 'securityHeaders'>;
