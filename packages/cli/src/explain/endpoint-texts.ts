import type {
  Balancer,
  DiscoveryConfig,
  HashKeyConfig,
  HealthCheckConfig,
  OutlierDetectionConfig,
  ServiceConfig,
} from '@turnpike/config';
import { sourceAddress } from '../gateway.ts';
import { durationText } from '../output/units.ts';
import { joined } from './text-parts.ts';

// Where the endpoints of a service come from, how one of them is chosen, and who of them may be. Nothing of it is a secret:
// passwords, tokens and the keys of cookies are left out.

/** `from etcd: http://127.0.0.1:2379 /services/inventory/`. */
export function discoveryText(discovery: DiscoveryConfig): string {
  return `from ${SOURCES[discovery.kind]}: ${sourceAddress(discovery)}${narrowed(discovery)}`;
}

const SOURCES: Readonly<Record<DiscoveryConfig['kind'], string>> = {
  dns: 'DNS (A and AAAA)',
  srv: 'DNS (SRV)',
  file: 'a file, which is watched',
  etcd: 'etcd',
  consul: 'Consul',
  kubernetes: 'Kubernetes',
  registry: 'instances that register themselves on the admin API',
};

function narrowed(discovery: DiscoveryConfig): string {
  if (discovery.kind === 'consul')
    return discovery.tags.length === 0 ? '' : `, with the tags ${discovery.tags.join(' and ')}`;
  if (discovery.kind === 'kubernetes') return discovery.port === null ? '' : `, port ${discovery.port}`;
  return '';
}

const CHOOSES: Readonly<Record<Exclude<Balancer['kind'], 'hash' | 'sticky'>, string>> = {
  adaptive:
    'the endpoint with the least latency × (requests in flight + 1)^1.5 / weight, as all threads know it',
  'round-robin': 'endpoints take turns, as often as their weights say; each thread counts its own',
  'least-request': 'the endpoint with the fewest requests in flight for its weight, as all threads know it',
  random: 'any endpoint, as often as its weight says',
};

/** `hash: by header x-user, else ip; …`. */
export function balancerText(balancer: Balancer): string {
  if (balancer.kind === 'hash') {
    const keys = balancer.by.map(hashKeyText).join(', else ');
    return `hash: one endpoint for each ${keys}; it has at most ${balancer.boundedLoad} times its share at once, the rest moves on`;
  }
  if (balancer.kind === 'sticky') {
    const lifetime = balancer.lifetimeMs === 0 ? '' : ` for ${durationText(balancer.lifetimeMs)}`;
    return `sticky: the endpoint that the signed cookie ${balancer.cookie} names${lifetime}; without one as with adaptive`;
  }
  return `${balancer.kind}: ${CHOOSES[balancer.kind]}`;
}

function hashKeyText(key: HashKeyConfig): string {
  return 'name' in key ? `${key.kind} ${key.name}` : key.kind;
}

/** What narrows the choice before the balancer makes it: zone, priorities, subset, slow start. */
export function choiceTexts(service: ServiceConfig, zone: string | null): readonly string[] {
  const { balancer, subset, slowStartMs, endpoints } = service;
  const levels = new Set(endpoints.map(({ priority }) => priority));
  const isBound = balancer.kind === 'hash' || balancer.kind === 'sticky';
  return [
    zone === null ? '' : isBound ? '' : `endpoints of the zone ${zone} are preferred`,
    levels.size > 1
      ? `priorities ${[...levels].sort((a, b) => a - b).join(', ')}: the next helps when less than 71% of the one before is healthy`
      : '',
    typeof subset === 'number' ? `this gateway uses ${subset} of them at most` : '',
    slowStartMs === 0 ? '' : `who is new or healed gets less than its share for ${durationText(slowStartMs)}`,
  ].filter((text) => text !== '');
}

/** `health is ignored when less than 50% of the weight is healthy`. */
export function panicText(percent: number): string {
  if (percent === 0) return 'never: 503 when no endpoint is healthy';
  return `health is ignored while less than ${percent}% of the weight is healthy`;
}

/** `GET /healthz every 5s, 200-399 within 1s; down after 3 failures, up after 2 successes`. */
export function healthText({ probe, port, ...times }: HealthCheckConfig): string {
  const { intervalMs, timeoutMs, healthyAfter, unhealthyAfter } = times;
  const what = joined([probeText(probe), port === null ? '' : `on port ${port}`], ' ');
  const when = `every ${durationText(intervalMs)}, ${goodText(probe)} within ${durationText(timeoutMs)}`;
  return `${what} ${when}; down after ${inARow(unhealthyAfter, 'failure')}, up after ${inARow(healthyAfter, 'success')}`;
}

function probeText(probe: HealthCheckConfig['probe']): string {
  if (probe.kind === 'tcp') return 'a TCP connection';
  if (probe.kind === 'grpc')
    return `grpc.health.v1 ${probe.service === '' ? 'for the server' : `for ${probe.service}`}`;
  return `${probe.method} ${probe.path}${probe.host === null ? '' : ` at ${probe.host}`}`;
}

function goodText(probe: HealthCheckConfig['probe']): string {
  if (probe.kind === 'tcp') return 'accepted';
  if (probe.kind === 'grpc') return 'SERVING';
  return probe.statuses.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' or ');
}

function inARow(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun}${noun.endsWith('s') ? 'es' : 's'} in a row`;
}

/** `out for 30s, later 5m at most, after 5 failures in a row, …`. */
export function outlierText(config: OutlierDetectionConfig | null): string {
  if (config === null) return 'off: failures of real requests put no endpoint out';
  const { consecutiveFailures, intervalMs, ejectMs, maxEjectMs, maxEjectedPercent } = config;
  const reasons = `after ${inARow(consecutiveFailures, 'failure')}, or by its share of failures every ${durationText(intervalMs)}`;
  return `out for ${durationText(ejectMs)}, later ${durationText(maxEjectMs)} at most, ${reasons}; ${maxEjectedPercent}% of them at once`;
}
