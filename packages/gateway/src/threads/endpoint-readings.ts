import { ENDPOINT_CONDITIONS } from '../observe/catalogue.ts';
import type { Reading } from '../observe/series-book.ts';
import type { EndpointReport } from './endpoint-report.ts';
import type { ServiceSnapshot } from './protocol.ts';

/** Endpoints that have a series of their own: the first so many. */
const MOST_ENDPOINTS = 1000;

/** What is known of endpoints as metrics. */
export function endpointReadings(
  services: readonly Pick<ServiceSnapshot, 'id' | 'panicThreshold'>[],
  report: readonly EndpointReport[],
): Reading[] {
  const known = Map.groupBy(report, ({ service }) => service);
  return [
    ...services.flatMap((service) => serviceReadings(service, known.get(service.id) ?? [])),
    ...report.slice(0, MOST_ENDPOINTS).map((endpoint) => ({
      name: 'turnpike_endpoint_up' as const,
      labels: { service: endpoint.service, endpoint: endpoint.url },
      values: [isUsed(endpoint) ? 1 : 0],
    })),
  ];
}

function serviceReadings(
  { id: service, panicThreshold }: Pick<ServiceSnapshot, 'id' | 'panicThreshold'>,
  endpoints: readonly EndpointReport[],
): Reading[] {
  const counts = ENDPOINT_CONDITIONS.map(
    (condition) => endpoints.filter(({ state }) => state === condition).length,
  );
  const isPanic = healthyPercent(endpoints) < panicThreshold;
  return [
    { name: 'turnpike_service_endpoints', labels: { service }, values: counts },
    { name: 'turnpike_service_panic', labels: { service }, values: [isPanic ? 1 : 0] },
  ];
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
