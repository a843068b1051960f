import type { Descriptors } from '@turnpike/config/descriptors';
import type { GrpcSchema, GrpcSchemas, JsonOptions } from '../../../core/grpc-schema.ts';
import { grpcSchemaOf, type SchemaFactory } from './grpc-schema.ts';

/** A descriptor set, and what tells it from others. */
export interface DescriptorSet {
  readonly digest: string;
  readonly bytes: () => Uint8Array;
}

/** What the board works with. */
export interface SchemaBoardPorts {
  /** `openDescriptors`. */
  readonly open: (set: Uint8Array) => Descriptors;
  /** Somebody asks for what a service that describes itself has not described: it may have more by now. */
  readonly missed: (service: string) => void;
  /** A set cannot be used, though it was checked before. */
  readonly failed: (service: string, error: unknown) => void;
}

/** A service on the board. */
interface Entry {
  /** Null: not known yet. */
  readonly digest: string | null;
  readonly schema: SchemaFactory | null;
  readonly isReflected: boolean;
  /** Schemas that tell of methods that they lack, by the schema that they are around. */
  readonly watched: WeakMap<GrpcSchema, GrpcSchema>;
}

/**
 * What a data thread knows of gRPC services. Transcoding, gRPC-Web, Connect and tools of MCP ask it by `access.grpcSchemas.of(id)`
 * for each request, so that a new set is in use with the next one. Sets are opened when somebody asks for them, once for
 * all services with the same, and stay open over reloads that do not change them.
 */
export class SchemaBoard implements GrpcSchemas {
  readonly #ports: SchemaBoardPorts;
  #entries: ReadonlyMap<string, Entry> = new Map();

  constructor(ports: SchemaBoardPorts) {
    this.#ports = ports;
  }

  of(service: string, json?: Partial<JsonOptions>): GrpcSchema | null {
    const entry = this.#entries.get(service);
    if (entry === undefined) return null;
    const schema = entry.schema?.(json) ?? null;
    if (!entry.isReflected) return schema;
    if (schema === null) this.#ports.missed(service);
    return schema === null ? null : this.#watched(service, entry, schema);
  }

  isAwaited(service: string): boolean {
    const entry = this.#entries.get(service);
    return entry !== undefined && entry.isReflected && entry.schema === null;
  }

  /** The sets of all services that have one in the configuration, or describe themselves; null: that is not known yet. */
  use(
    sets: ReadonlyMap<string, { readonly set: DescriptorSet | null; readonly isReflected: boolean }>,
  ): void {
    const opened = new Map<string, SchemaFactory>();
    for (const { digest, schema } of this.#entries.values())
      if (digest !== null && schema !== null) opened.set(digest, schema);
    this.#entries = new Map(
      Array.from(sets, ([service, { set, isReflected }]) => {
        const before = this.#entries.get(service);
        if (before?.digest === set?.digest && before?.isReflected === isReflected) return [service, before];
        const schema = set === null ? null : this.#factory(service, set, opened);
        return [service, { digest: set?.digest ?? null, schema, isReflected, watched: new WeakMap() }];
      }),
    );
  }

  /** Opens when it is first asked for a schema. */
  #factory(
    service: string,
    { digest, bytes }: DescriptorSet,
    opened: Map<string, SchemaFactory>,
  ): SchemaFactory {
    const known = opened.get(digest);
    if (known !== undefined) return known;
    let factory: SchemaFactory | null = null;
    const lazy: SchemaFactory = (json) => (factory ??= this.#open(service, bytes()))(json);
    opened.set(digest, lazy);
    return lazy;
  }

  #open(service: string, set: Uint8Array): SchemaFactory {
    try {
      return grpcSchemaOf(this.#ports.open(set));
    } catch (error) {
      this.#ports.failed(service, error);
      const empty: GrpcSchema = { methods: [], method: () => undefined };
      return () => empty;
    }
  }

  #watched(service: string, { watched }: Entry, schema: GrpcSchema): GrpcSchema {
    const known = watched.get(schema);
    if (known !== undefined) return known;
    const fresh: GrpcSchema = {
      methods: schema.methods,
      method: (path) => {
        const method = schema.method(path);
        if (method === undefined) this.#ports.missed(service);
        return method;
      },
    };
    watched.set(schema, fresh);
    return fresh;
  }
}
