import type { ServiceConfig } from '@turnpike/config';
import { durationText } from '../output/units.ts';

/** Where what is known of gRPC methods comes from; `''`: nothing is said of them. */
export function grpcText(grpc: ServiceConfig['grpc']): string {
  if (grpc === null) return '';
  return grpc.kind === 'descriptors'
    ? `its methods are described by ${grpc.document}`
    : `it is asked for its methods by reflection, every ${durationText(grpc.refreshMs)}`;
}
