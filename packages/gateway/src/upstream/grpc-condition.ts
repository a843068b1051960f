import type { GrpcCondition } from '@turnpike/config';
import type { Headers } from '../core/headers.ts';

const CONDITIONS: ReadonlyMap<string, GrpcCondition> = new Map<string, GrpcCondition>([
  ['1', 'cancelled'],
  ['4', 'deadline-exceeded'],
  ['8', 'resource-exhausted'],
  ['13', 'internal'],
  ['14', 'unavailable'],
]);

/** The status of a gRPC call that ended with its head, if it is one after which another attempt may help; otherwise null. */
export function grpcCondition(headers: Headers): GrpcCondition | null {
  const status = headers.get('grpc-status');
  return status === undefined ? null : (CONDITIONS.get(status) ?? null);
}
