import type { ServiceConcurrency } from '@turnpike/config';
import type { ServiceLimits } from '../admission/service-limits.ts';
import type { Reading } from '../observe/series-book.ts';
import type { SnapshotData } from './protocol.ts';

/** How much a service with a limit has to do, in all threads together. */
export interface ServiceReport {
  readonly service: string;
  readonly concurrency: ServiceConcurrency['kind'];
  /** As it is written, or was found out. */
  readonly limit: number;
  readonly inflight: number;
  readonly waiting: number;
}

/** What is known of the services of a snapshot that have a limit, from shared memory. */
export function serviceReport({ services }: SnapshotData, limits: ServiceLimits): ServiceReport[] {
  return services
    .filter(({ concurrency }) => concurrency.kind !== 'off')
    .map(({ id, concurrency, limitSlot }) => ({
      service: id,
      concurrency: concurrency.kind,
      limit: Math.floor(concurrency.kind === 'fixed' ? concurrency.limit : limits.adaptiveLimit(limitSlot)),
      inflight: limits.inflight(limitSlot),
      waiting: limits.waiting(limitSlot),
    }));
}

/** The same as metrics. */
export function serviceReadings(reports: readonly ServiceReport[]): Reading[] {
  return reports.flatMap(({ service, limit, inflight, waiting }) => [
    { name: 'turnpike_service_in_flight', labels: { service }, values: [inflight] },
    { name: 'turnpike_service_limit', labels: { service }, values: [limit] },
    { name: 'turnpike_service_limit_ratio', labels: { service }, values: [limit > 0 ? inflight / limit : 0] },
    { name: 'turnpike_service_waiting', labels: { service }, values: [waiting] },
  ]);
}
