import { ask, isMissing } from './client.ts';
import { useQuery } from './query.ts';
import type { Endpoint } from './types.ts';

/** How everything hangs together. */
export interface Topology {
  readonly listeners: readonly { readonly name: string; readonly address: string; readonly tls: boolean }[];
  readonly routes: readonly TopologyRoute[];
  readonly services: readonly {
    readonly name: string;
    readonly balancer: string;
    readonly discovery: string | null;
    readonly endpoints: readonly Endpoint[];
  }[];
}

/** A route, and where it leads. */
export interface TopologyRoute {
  readonly name: string;
  /** Empty: all. */
  readonly listeners: readonly string[];
  readonly hosts: readonly string[];
  readonly methods: readonly string[];
  readonly path: string;
  readonly target: string;
  readonly services: readonly string[];
}

/** The picture, and again every five seconds. */
export function useTopology() {
  return useQuery({
    queryKey: ['topology'],
    queryFn: async ({ signal }): Promise<Topology> => {
      try {
        return await ask<Topology>('/v1/topology', { signal });
      } catch (error) {
        if (!isMissing(error)) throw error;
        const [config, endpoints] = await Promise.all([
          ask<Config>('/config', { signal }),
          ask<readonly Endpoint[]>('/endpoints', { signal }),
        ]);
        return drawn(config, endpoints);
      }
    },
    refetchInterval: 5_000,
  });
}

// The configuration in use, as far as the picture needs it.
interface Config {
  readonly listeners: readonly {
    readonly id: string;
    readonly address: { readonly host: string; readonly port: number };
    readonly tls: unknown;
  }[];
  readonly services: readonly {
    readonly id: string;
    readonly balancer: { readonly kind: string };
    readonly discovery: { readonly kind: string } | null;
  }[];
  readonly routes: readonly {
    readonly id: string;
    readonly match: Pick<TopologyRoute, 'listeners' | 'hosts' | 'methods' | 'path'>;
    readonly target: {
      readonly kind: string;
      readonly service?: string;
      readonly sides?: readonly { readonly service: string }[];
    };
  }[];
}

function drawn({ listeners, services, routes }: Config, endpoints: readonly Endpoint[]): Topology {
  return {
    listeners: listeners.map(({ id, address, tls }) => ({
      name: id,
      address: `${address.host}:${address.port}`,
      tls: tls !== null,
    })),
    services: services.map(({ id, balancer, discovery }) => ({
      name: id,
      balancer: balancer.kind,
      discovery: discovery?.kind ?? null,
      endpoints: endpoints.filter(({ service }) => service === id),
    })),
    routes: routes.map(({ id, match, target }) => ({
      name: id,
      ...match,
      target: target.kind,
      services:
        target.service === undefined ? (target.sides ?? []).map(({ service }) => service) : [target.service],
    })),
  };
}
