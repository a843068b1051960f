import type { Policy } from '@turnpike/sdk';
import type { TestService } from './test-services.ts';

/** What stands around the gateway of a test. */
interface Surroundings {
  /** By name; a service that is not here answers 200 with nothing. */
  readonly services?: Readonly<Record<string, TestService>>;
  /** Where the clock begins; else at 2026-01-01T00:00:00Z. */
  readonly now?: string;
  /** The same seed makes the same choices. */
  readonly seed?: number;
}

/** One plugin on one route, with a service, an identity provider and whatever consumers are named. */
export interface PolicyPlan<W> extends Surroundings {
  readonly policy: Policy<W>;
  readonly with?: NoInfer<W>;
  readonly mode?: 'on' | 'report';
  /** Path of the route; else that of the plugin, or all. */
  readonly path?: string;
  /** As in a configuration, but for their keys: `as: { consumer }` needs none. */
  readonly consumers?: Readonly<Record<string, object>>;
  /** Other policies of the route. */
  readonly policies?: object;
}

/** A whole configuration: a document whose plugins are values, or paths of files. */
export interface ConfigPlan extends Surroundings {
  readonly config: object | string | readonly string[];
}

/** What is tested. */
export type TestPlan<W = never> = PolicyPlan<W> | ConfigPlan;

/** Name of the service that one plugin alone has. */
export const SERVICE = 'service';
/** Name of the identity provider that one plugin alone has. */
export const PROVIDER = 'provider';

/** The document for one plugin alone. Callers may prove who they are, and need not. */
export function documentFor<W>({
  policy,
  path = policy.path ?? '/*',
  mode = 'on',
  consumers = {},
  policies = {},
  with: config = {} as never,
}: PolicyPlan<W>): object {
  return {
    services: { [SERVICE]: { endpoints: ['http://service.test:80'] } },
    identityProviders: { [PROVIDER]: { issuer: 'https://login.test', audiences: ['api'] } },
    consumers: Object.fromEntries(
      Object.entries(consumers).map(([name, one]) => [
        name,
        { keys: [`key-of-${name}`.padEnd(32, '-')], ...one },
      ]),
    ),
    routes: {
      route: {
        match: { path },
        service: SERVICE,
        policies: {
          authenticate: {
            with: Object.keys(consumers).length === 0 ? PROVIDER : [PROVIDER, 'consumers'],
            optional: true,
          },
          ...policies,
          plugins: [{ use: policy, with: config, mode }],
        },
      },
    },
  };
}
