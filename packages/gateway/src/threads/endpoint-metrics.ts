import { metricsBuffer } from '../observe/metric-memory.ts';
import { ThreadMetrics } from '../observe/metrics.ts';
import type { EndpointReport } from './endpoint-report.ts';
import type { ServiceSnapshot } from './protocol.ts';

/** Endpoints that have a series of their own: the first so many. */
const MOST_ENDPOINTS = 1000;
/** A label text, with room for the names of labels. */
const TEXT_BYTES = 64;
/** For the metrics that every memory has room for. */
const SPARE = { rows: 256, slots: 4096, textBytes: 32 * 1024 };

/**
 * Gauges of endpoints as they are now, in a memory of their own that is made for every scrape: endpoints come and go, and rows
 * of a memory are never taken away.
 */
export function endpointMetrics(
  services: readonly Pick<ServiceSnapshot, 'id' | 'panicThreshold'>[],
  report: readonly EndpointReport[],
): SharedArrayBuffer {
  const shown = report.slice(0, MOST_ENDPOINTS);
  const buffer = metricsBuffer(capacityFor(services, shown));
  const metrics = new ThreadMetrics(buffer);
  const known = Map.groupBy(report, ({ service }) => service);
  for (const { id: service, panicThreshold } of services) {
    const endpoints = known.get(service) ?? [];
    for (const { state } of endpoints) metrics.gauge('turnpike_service_endpoints', { service, state }).add(1);
    const isPanic = healthyPercent(endpoints) < panicThreshold;
    metrics.gauge('turnpike_service_panic', { service }).set(isPanic ? 1 : 0);
  }
  for (const endpoint of shown) {
    const { service, url } = endpoint;
    metrics.gauge('turnpike_endpoint_up', { service, endpoint: url }).set(isUsed(endpoint) ? 1 : 0);
  }
  return buffer;
}

/** Of the weight of those that may be picked; 100 where there is none. */
function healthyPercent(endpoints: readonly EndpointReport[]): number {
  const mayBePicked = endpoints.filter(({ weight, isDraining }) => weight > 0 && !isDraining);
  const all = weightOf(mayBePicked);
  return all === 0 ? 100 : (100 * weightOf(mayBePicked.filter(isUsed))) / all;
}

function weightOf(endpoints: readonly EndpointReport[]): number {
  return endpoints.reduce((sum, { weight }) => sum + weight, 0);
}

function isUsed({ state }: EndpointReport): boolean {
  return state === 'up' || state === 'penalised';
}

function capacityFor(services: readonly { readonly id: string }[], shown: readonly EndpointReport[]) {
  return {
    rows: SPARE.rows + 2 * services.length + shown.length,
    slots: SPARE.slots + 6 * services.length + shown.length,
    textBytes:
      SPARE.textBytes +
      textBytes(services.map(({ id }) => id)) +
      textBytes(shown.map(({ service, url }) => service + url)),
  };
}

function textBytes(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + Buffer.byteLength(name) + TEXT_BYTES, 0);
}
