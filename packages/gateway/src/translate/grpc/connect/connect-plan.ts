import type { GrpcMethod, GrpcSchema } from '../../../core/grpc-schema.ts';

/** What the stage has to know of its route. */
export interface ConnectPlan {
  /** Of one message, both ways. */
  readonly messageBytes: number;
  /** Whether unary requests have to name the version of the protocol, as no form of a browser can. */
  readonly requiresVersion: boolean;
  /** Which methods may be called by GET: those of which the schema says that they have no side effects, all, or none. */
  readonly get: 'safe' | 'any' | 'none';
}

/** What the stage reaches the world through. */
export interface ConnectPorts {
  /** What is known of the service at the moment, or null. */
  readonly schema: () => GrpcSchema | null;
  /** Whether it will be known soon. */
  readonly isAwaited: () => boolean;
}

/** How messages are written: as their bytes, or as JSON. */
export type Codec = 'proto' | 'json';

/** What is known of a method that is called; null: nothing, because nothing is known of the service. */
export type KnownMethod = GrpcMethod | null;
