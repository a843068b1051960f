import { systemClock } from '../core/ports.ts';
import type { Reading } from '../observe/series-book.ts';
import type { DeskParts } from './admin-desk.ts';
import { breakerReadings, breakerReport } from './breaker-report.ts';
import { cacheReadings } from './cache-admin.ts';
import { certificateReadings } from './certificate-report.ts';
import { endpointReadings } from './endpoint-readings.ts';
import { endpointReport } from './endpoint-report.ts';
import { officeReadings } from './office-readings.ts';
import { serviceReadings, serviceReport } from './service-report.ts';
import { steeringReadings } from './steering-readings.ts';
import { strainReadings } from './strain-report.ts';

/** What readings are read from. */
export type ReadingParts = Pick<
  DeskParts,
  | 'status'
  | 'pool'
  | 'states'
  | 'breakers'
  | 'discovered'
  | 'limits'
  | 'strains'
  | 'health'
  | 'acme'
  | 'caches'
  | 'alerts'
  | 'steered'
>;

/** Everything that is a metric and that nobody counts, because it can be looked up at any time. */
export function metricReadings(parts: ReadingParts): readonly Reading[] {
  const { pool, limits, breakers, states, discovered, health, strains, status, acme, caches, alerts } = parts;
  const { snapshot, views } = pool;
  const endpoints = endpointReport(snapshot, { states, discovered, health, clock: systemClock });
  return [
    ...serviceReadings(serviceReport(snapshot, limits)),
    ...breakerReadings(breakerReport(snapshot.services, breakers)),
    ...endpointReadings(snapshot.services, endpoints),
    ...strainReadings(views, strains),
    ...certificateReadings(snapshot, acme()),
    ...cacheReadings(caches.areas),
    ...alerts.readings,
    ...steeringReadings({ ...parts.steered(), nowMs: systemClock.epoch() }),
    ...officeReadings(status().office, systemClock.epoch()),
  ];
}
