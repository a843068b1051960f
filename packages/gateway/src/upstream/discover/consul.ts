import type { DiscoveryConfig } from '@turnpike/config';
import type { Random } from '../../core/random.ts';
import { readConsulInstance } from './consul-instance.ts';
import { EndpointCrowd } from './endpoint-crowd.ts';
import type { Reading } from './endpoint-fields.ts';
import type { EndpointSource, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { wholeAt } from './json-value.ts';
import { ANSWER_TIMEOUT_MS, askJson } from './registry-answer.ts';
import { steadySource } from './steady-source.ts';

/** How Consul is configured. */
export type ConsulConfig = Extract<DiscoveryConfig, { kind: 'consul' }>;

/**
 * Endpoints that are the instances of a service in Consul whose checks all pass. Asks with blocking queries: the answer comes
 * when something has changed. The agents are asked in turn: the next one when one fails.
 */
export function consulSource(config: ConsulConfig, events: SourceEvents, ports: SourcePorts): EndpointSource {
  const health = new ConsulHealth(config, events, ports);
  let turn = 0;
  return steadySource(
    async (signal, proven) => {
      try {
        await health.follow(config.urls[turn % config.urls.length] ?? '', signal, proven);
      } catch (error) {
        if (!signal.aborted) turn++;
        throw error;
      }
    },
    events,
    ports,
  );
}

class ConsulHealth {
  readonly #config: ConsulConfig;
  readonly #events: SourceEvents;
  readonly #ports: SourcePorts;
  readonly #crowd: EndpointCrowd;
  #hasFound = false;

  constructor(config: ConsulConfig, events: SourceEvents, ports: SourcePorts) {
    this.#config = config;
    this.#events = events;
    this.#ports = ports;
    this.#crowd = new EndpointCrowd(ports.log, config.service);
  }

  /** Asks one agent again and again, until it fails. */
  async follow(agent: string, signal: AbortSignal, proven: () => void): Promise<void> {
    const { random, pause } = this.#ports;
    for (let index = 0; ;) {
      const next = await this.#ask(agent, index, signal);
      proven();
      const leastMs = next > index ? SETTLE_MS : UNCHANGED_MS;
      await pause(leastMs * (1 + random.unit()), signal);
      // Backwards: the servers began anew, or somebody else answers. 0 does not wait.
      index = next < index ? 0 : next;
    }
  }

  /** Gives the index from which to wait. */
  async #ask(agent: string, index: number, signal: AbortSignal): Promise<number> {
    const { web, random } = this.#ports;
    const url = queryOf(agent, this.#config, { index, random });
    const { token } = this.#config;
    const headers = token === null ? {} : { 'x-consul-token': token };
    const timeoutMs = index === 0 ? ANSWER_TIMEOUT_MS : WAIT_TIMEOUT_MS;
    const answer = await askJson(web, url, { headers, signal, timeoutMs });
    if (!Array.isArray(answer.value)) throw new Error(`${agent}: its answer is no list`);
    const next = wholeAt(answer.headers.get('x-consul-index')) ?? 0;
    this.#crowd.replace(byName(answer.value));
    const endpoints = this.#crowd.all();
    const doubt = this.#doubtOf(answer.headers, endpoints.length);
    if (doubt !== null) throw new Error(`${agent}: ${doubt}`);
    this.#hasFound = true;
    this.#events.found(endpoints, `${next}`);
    return next;
  }

  /** Why an answer is not what it seems to be, if so. */
  #doubtOf(headers: ReadonlyMap<string, string>, found: number): string | null {
    if (found === 0 && headers.get('x-consul-results-filtered-by-acls') === 'true')
      return 'it hides what it has from this token';
    // Any server may answer, also one that has lost the others: its memory is better than nothing, but not than ours.
    const isAlone = headers.get('x-consul-knownleader') === 'false';
    return isAlone && (this.#hasFound || found === 0) ? 'it knows no leader' : null;
  }
}

/** Where to ask for what is healthy, and to wait for a change of it (https://developer.hashicorp.com/consul/api-docs). */
function queryOf(
  agent: string,
  { service, tags, datacenter }: ConsulConfig,
  { index, random }: { readonly index: number; readonly random: Random },
): string {
  const query = new URLSearchParams([['passing', '1'], ['stale', ''], ...tags.map((tag) => ['tag', tag])]);
  if (datacenter !== null) query.append('dc', datacenter);
  if (index > 0) {
    query.append('index', `${index}`);
    // Agents that were asked together do not ask together for ever.
    query.append('wait', `${Math.round(LONGEST_WAIT_MS * (0.8 + 0.2 * random.unit()))}ms`);
  }
  return `${agent.replace(/\/+$/, '')}/v1/health/service/${encodeURIComponent(service)}?${query.toString()}`;
}

/** Names should be unique; those that are not lose nothing. */
function byName(entries: readonly unknown[]): Map<string, readonly Reading[]> {
  const groups = new Map<string, Reading[]>();
  for (const { name, reading } of entries.map(readConsulInstance)) {
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [reading]);
    else group.push(reading);
  }
  return groups;
}

const LONGEST_WAIT_MS = 55_000;
/** It waits up to a sixteenth longer than it was asked to, so that not all answers go out together. */
const WAIT_TIMEOUT_MS = LONGEST_WAIT_MS * (1 + 1 / 16) + ANSWER_TIMEOUT_MS;
/** Between two changes: a burst of them is one answer. */
const SETTLE_MS = 100;
/** What happens meanwhile is answered at once, by the index. Matters only for those who do not wait as they should. */
const UNCHANGED_MS = 1000;
