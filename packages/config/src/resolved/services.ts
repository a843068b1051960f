import type { KeyPairFiles, Origin, PemFile } from './places.ts';

/** How endpoints of a service are spoken to over TLS. */
export interface ServiceTlsConfig {
  /** Null: those that Node.js knows. */
  readonly authorities: PemFile | null;
  /** Null: the host of the endpoint. */
  readonly serverName: string | null;
  /** Null: we prove nothing. */
  readonly keyPair: KeyPairFiles | null;
  /** SHA-256 of public keys in base64; empty: any. */
  readonly pins: readonly string[];
}

/** What requests are sent to. */
export interface ServiceConfig {
  readonly id: string;
  /** Written in place; empty with `discovery`. */
  readonly endpoints: readonly EndpointConfig[];
  readonly discovery: DiscoveryConfig | null;
  readonly balancer: Balancer;
  /** How long a new or healed endpoint gets less than its share; 0: not at all. */
  readonly slowStartMs: number;
  /** With less than this percentage of the weight healthy, health is ignored; 0: never. */
  readonly panicThreshold: number;
  /** How many endpoints this gateway uses at most; null: all of them. */
  readonly subset: number | 'auto' | null;
  /** Active checks. */
  readonly health: HealthCheckConfig | null;
  /** Passive checks; null: off. */
  readonly outlierDetection: OutlierDetectionConfig | null;
  readonly circuitBreaker: CircuitBreakerConfig | null;
  readonly connections: {
    readonly perEndpoint: number;
    readonly idleTimeoutMs: number;
    readonly http2: 'auto' | 'never' | 'always';
  };
  readonly timeouts: {
    readonly connectMs: number;
    /** Until the response head. */
    readonly requestMs: number;
    /** The longest silence between two pieces of a body. */
    readonly idleMs: number;
  };
  readonly concurrency: ServiceConcurrency;
  /** For endpoints with https://, and for all that are discovered; null: the defaults, and discovered ones have no TLS. */
  readonly tls: ServiceTlsConfig | null;
  /** Where descriptors of its gRPC services come from; null: nothing is said of them. */
  readonly grpc: GrpcConfig | null;
  readonly origin: Origin;
}

/** Where descriptors of gRPC services come from. */
export type GrpcConfig =
  /** A key of `documents`, whose text is a FileDescriptorSet in base64. */
  | { readonly kind: 'descriptors'; readonly document: string }
  /** The service itself is asked. */
  | { readonly kind: 'reflection'; readonly refreshMs: number };

/** How an endpoint is chosen. */
export type Balancer =
  | { readonly kind: 'adaptive' | 'round-robin' | 'least-request' | 'random' }
  /** By the first of these that a request has; an endpoint gets at most `boundedLoad` times its fair share at once. */
  | { readonly kind: 'hash'; readonly by: readonly HashKeyConfig[]; readonly boundedLoad: number }
  /** A caller stays with its endpoint by a signed cookie. Holds a secret. */
  | StickyConfig;

/** A caller stays where it was. Holds a secret. */
export interface StickyConfig {
  readonly kind: 'sticky';
  readonly cookie: string;
  /** Null: one of our own, in `runtime.stateDirectory`. */
  readonly secret: string | null;
  /** 0: until the browser is closed. */
  readonly lifetimeMs: number;
}

/** What of a request is hashed. */
export type HashKeyConfig =
  | { readonly kind: 'ip' | 'identity' | 'path' }
  | { readonly kind: 'header' | 'cookie' | 'query'; readonly name: string };

/** Where endpoints come from when they are not written in place. Holds secrets. */
export type DiscoveryConfig =
  /** A and AAAA records. `resolvers` are `host:port`; empty: those of the system. */
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly port: number;
      readonly resolvers: readonly string[];
    }
  | { readonly kind: 'srv'; readonly name: string; readonly resolvers: readonly string[] }
  /** YAML or JSON; an absolute path. */
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'etcd';
      readonly urls: readonly string[];
      readonly prefix: string;
      readonly username: string | null;
      readonly password: string | null;
    }
  | {
      readonly kind: 'consul';
      readonly urls: readonly string[];
      readonly service: string;
      /** All of them. */
      readonly tags: readonly string[];
      readonly datacenter: string | null;
      readonly token: string | null;
    }
  | {
      readonly kind: 'kubernetes';
      /** Null: the cluster that we run in. */
      readonly url: string | null;
      readonly namespace: string;
      readonly service: string;
      /** By name or number; null: the only one. */
      readonly port: string | number | null;
      /** Absolute paths; null: those of the pod. */
      readonly tokenFile: string | null;
      readonly authorities: string | null;
    }
  /** Instances that register themselves on the admin API. */
  | { readonly kind: 'registry'; readonly name: string };

/** Asks endpoints how they are. */
export interface HealthCheckConfig {
  readonly probe:
    | {
        readonly kind: 'http';
        readonly method: 'GET' | 'HEAD';
        readonly path: string;
        /** Null: the endpoint's own. */
        readonly host: string | null;
        /** Both ends included. */
        readonly statuses: readonly { readonly from: number; readonly to: number }[];
      }
    | { readonly kind: 'tcp' }
    /** `grpc.health.v1.Health/Check`. */
    | { readonly kind: 'grpc'; readonly service: string };
  /** Null: the endpoint's own. */
  readonly port: number | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** Puts endpoints out that fail real requests. */
export interface OutlierDetectionConfig {
  /** Failures in a row that eject at once. */
  readonly consecutiveFailures: number;
  /** Between two looks at the statistics. */
  readonly intervalMs: number;
  /** Times the number of ejections. */
  readonly ejectMs: number;
  readonly maxEjectMs: number;
  /** Of the endpoints of the service; one may always be ejected, the last one never. */
  readonly maxEjectedPercent: number;
}

/** Stops asking a service that fails as a whole. */
export interface CircuitBreakerConfig {
  /** Percentage of failures that opens it. */
  readonly failureRate: number;
  readonly minimumRequests: number;
  readonly windowMs: number;
  /** The first time; it doubles each time after that, up to `maxOpenMs`. */
  readonly openForMs: number;
  readonly maxOpenMs: number;
}

/** One address of a service. */
export interface EndpointConfig {
  /** Normalised, with the port written out: `http://127.0.0.1:80`. */
  readonly url: string;
  /** `grpc` and `grpcs` are HTTP/2 without and with TLS. */
  readonly protocol: 'http' | 'https' | 'grpc' | 'grpcs';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: drained, gets nothing new. */
  readonly weight: number;
  readonly zone: string | null;
  /** Those of 0 first; the next when too few of them are healthy. */
  readonly priority: number;
}

/** How much a service is given to do at once. */
export type ServiceConcurrency =
  | { readonly kind: 'adaptive' }
  | { readonly kind: 'fixed'; readonly limit: number }
  | { readonly kind: 'off' };
