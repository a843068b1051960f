import type {
  AddressBlock,
  AddressListConfig,
  ConsumerConfig,
  EndpointConfig,
  GatewayConfig,
  ServiceConfig,
} from '@turnpike/config';

/**
 * The same configuration with nothing in it that needs somebody else. Services whose endpoints are discovered have one,
 * `http://NAME.offline:80`; nothing is encrypted towards services; what gateways share in Redis is in memory. Each consumer has
 * one more key, so that a test need not know its secrets.
 */
export function withoutNetwork(
  config: GatewayConfig,
  lists: ReadonlyMap<string, readonly AddressBlock[]> = new Map(),
): GatewayConfig {
  return {
    ...config,
    services: config.services.map(reachable),
    consumers: config.consumers.map(withKey),
    lists: config.lists.map((list) => known(list, lists)),
    stores: { ...config.stores, redis: null },
    telemetry: { ...config.telemetry, accessLog: [], debug: null },
  };
}

function known(
  list: AddressListConfig,
  lists: ReadonlyMap<string, readonly AddressBlock[]>,
): AddressListConfig {
  const addresses = list.kind === 'addresses' ? undefined : lists.get(list.id);
  return addresses === undefined ? list : { id: list.id, origin: list.origin, kind: 'addresses', addresses };
}

/** The key that a consumer has only here. */
export function offlineKey(consumer: string): string {
  return `offline-key-of-${consumer}`;
}

function reachable(service: ServiceConfig): ServiceConfig {
  const endpoints = service.discovery === null ? service.endpoints : [endpointOf(service)];
  return { ...service, endpoints, discovery: null, tls: null, health: null, subset: null };
}

function endpointOf({ id, grpc }: ServiceConfig): EndpointConfig {
  const protocol = grpc === null ? 'http' : 'grpc';
  const host = `${id}.offline`;
  return { url: `${protocol}://${host}:80`, protocol, host, port: 80, weight: 1, zone: null, priority: 0 };
}

function withKey(consumer: ConsumerConfig): ConsumerConfig {
  return { ...consumer, keys: [...consumer.keys, { key: offlineKey(consumer.id), expiresAtMs: null }] };
}
