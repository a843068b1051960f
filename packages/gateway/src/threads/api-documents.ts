import type { GatewayConfig } from '@turnpike/config';
import type { DescriptorNews } from '../core/desk.ts';
import { serviceApi } from '../service-api.ts';
import { offlineSchema } from '../translate/grpc/offline-schema.ts';
import { grpcSchemaOf } from '../translate/grpc/schema/grpc-schema.ts';

/** What is known where. */
export interface ApiDocumentPorts {
  readonly config: () => GatewayConfig;
  /** What a service that describes itself has said, or null. */
  readonly reflected: (service: string) => DescriptorNews | null;
}

/** Gives the OpenAPI document of a gRPC service as it is in use, or null if nothing is known of its methods. */
export function apiDocuments(ports: ApiDocumentPorts): (service: string) => Promise<object | null> {
  return async (service) => {
    const config = ports.config();
    const reflected = ports.reflected(service);
    // Takes memory, and most never ask.
    const { openDescriptors } = await import('@turnpike/config/descriptors');
    const schema =
      reflected === null
        ? offlineSchema(config, service, openDescriptors)
        : grpcSchemaOf(openDescriptors(reflected.set))();
    if (schema === null) return null;
    return serviceApi(config, schema, { service, title: service, version: '1.0.0' }).document;
  };
}
