import { readEndpoint, type Reading } from './endpoint-fields.ts';
import { at, listAt, textAt, wholeAt } from './json-value.ts';

/**
 * The endpoints of an EndpointSlice (`discovery.k8s.io/v1`) that can serve. Those that are about to end are draining; those that
 * cannot serve are left out. `wanted` is a port by its name or number; null: the only one.
 */
export function readEndpointSlice(slice: unknown, wanted: string | number | null): readonly Reading[] {
  const endpoints = listAt(slice, 'endpoints').filter(isServing);
  if (endpoints.length === 0) return [];
  const port = portOf(listAt(slice, 'ports').filter(isTcp), wanted);
  return endpoints.map((endpoint) =>
    typeof port === 'string' ? { problem: port } : readOne(endpoint, port),
  );
}

/** All addresses of an endpoint lead to the same place: the first will do. */
function readOne(endpoint: unknown, port: number): Reading {
  return readEndpoint({
    host: listAt(endpoint, 'addresses')[0],
    port,
    zone: textAt(endpoint, 'zone') ?? textAt(listAt(endpoint, 'hints', 'forZones')[0], 'name'),
    isDraining: at(endpoint, 'conditions', 'terminating') === true,
  });
}

/** What is not said is as `ready` says, and who does not say that is ready. */
function isServing(endpoint: unknown): boolean {
  const { serving, ready } = {
    serving: at(endpoint, 'conditions', 'serving'),
    ready: at(endpoint, 'conditions', 'ready'),
  };
  return (serving ?? ready ?? true) === true;
}

function isTcp(port: unknown): boolean {
  return (at(port, 'protocol') ?? 'TCP') === 'TCP';
}

/** A number, or why there is none. A slice without ports is that of a service that has none; an entry without a number means all. */
function portOf(ports: readonly unknown[], wanted: string | number | null): number | string {
  if (typeof wanted === 'number') return hasNumber(ports, wanted) ? wanted : `it has no port ${wanted}`;
  if (wanted === null && ports.length !== 1) return `it has ${ports.length} ports, and none is configured`;
  const named = wanted === null ? ports[0] : ports.find((port) => textAt(port, 'name') === wanted);
  return wholeAt(named, 'port') ?? (wanted === null ? 'its port has no number' : `it has no port ${wanted}`);
}

function hasNumber(ports: readonly unknown[], wanted: number): boolean {
  return ports.length === 0 || ports.some((port) => (at(port, 'port') ?? wanted) === wanted);
}
