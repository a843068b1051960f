import type { GatewayConfig } from '@turnpike/config';
import type { Descriptors } from '@turnpike/config/descriptors';
import type { GrpcSchema } from '../../core/grpc-schema.ts';
import { grpcSchemaOf } from './schema/grpc-schema.ts';

/**
 * What a configuration says of the methods of a service, without asking anybody; null for a service that describes itself, or
 * of which nothing is said. `open` is `openDescriptors`.
 */
export function offlineSchema(
  { services, documents }: Pick<GatewayConfig, 'services' | 'documents'>,
  id: string,
  open: (set: Uint8Array) => Descriptors,
): GrpcSchema | null {
  const grpc = services.find((service) => service.id === id)?.grpc ?? null;
  if (grpc === null || grpc.kind !== 'descriptors') return null;
  const text = documents[grpc.document];
  return text === undefined ? null : grpcSchemaOf(open(Buffer.from(text, 'base64')))();
}
