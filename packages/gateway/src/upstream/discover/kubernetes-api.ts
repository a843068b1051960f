import type { SourcePorts } from './endpoint-source.ts';
import { MAX_ENDPOINTS } from './endpoint-crowd.ts';
import type { Reading } from './endpoint-fields.ts';
import { at, listAt, textAt, wholeAt } from './json-value.ts';
import { kubernetesAccess, readCredentials, type KubernetesConfig } from './kubernetes-access.ts';
import { readEndpointSlice } from './kubernetes-slice.ts';
import { askJson, RegistryRefusal, watchJson } from './registry-answer.ts';

/** A slice as it is now; null: it is gone. */
export interface SliceState {
  readonly name: string;
  readonly readings: readonly Reading[] | null;
}

/** What is known, and of which version that is true. A bookmark tells a version and no slices. */
export interface SliceNews {
  readonly version: string;
  readonly slices: readonly SliceState[];
}

/** The EndpointSlices of one service, by the API of Kubernetes. */
export class KubernetesApi {
  readonly #config: KubernetesConfig;
  readonly #ports: SourcePorts;

  constructor(config: KubernetesConfig, ports: SourcePorts) {
    this.#config = config;
    this.#ports = ports;
  }

  /** All of them. */
  async list(signal: AbortSignal): Promise<SliceNews> {
    const slices: SliceState[] = [];
    let next = '';
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page = { limit: `${SLICES_A_PAGE}`, ...(next !== '' && { continue: next }) };
      const { url, headers, authorities } = await this.#request(page);
      const { value } = await askJson(this.#ports.web, url, { headers, authorities, signal });
      for (const item of listAt(value, 'items')) slices.push(this.#stateOf(item));
      next = textAt(value, 'metadata', 'continue') ?? '';
      if (next === '') return { version: versionOf(value), slices };
    }
    throw new Error(`the service has more than ${MAX_PAGES * SLICES_A_PAGE} slices`);
  }

  /** What happens after a version, for about a minute: then the server ends it. */
  async *watch(version: string, signal: AbortSignal): AsyncGenerator<SliceNews> {
    const { random, web } = this.#ports;
    const seconds = Math.round(WATCH_SECONDS * (0.8 + 0.4 * random.unit()));
    const { url, headers, authorities } = await this.#request({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: version,
      timeoutSeconds: `${seconds}`,
    });
    const silenceMs = seconds * 1000 + LATENESS_MS;
    for await (const event of watchJson(web, url, { headers, authorities, signal, silenceMs }))
      yield this.#newsOf(event);
  }

  #newsOf(event: unknown): SliceNews {
    const object = at(event, 'object');
    switch (textAt(event, 'type') ?? '') {
      case 'ADDED':
      case 'MODIFIED':
        return { version: versionOf(object), slices: [this.#stateOf(object)] };
      case 'DELETED':
        return { version: versionOf(object), slices: [{ name: nameOf(object), readings: null }] };
      case 'BOOKMARK':
        return { version: versionOf(object), slices: [] };
      case 'ERROR': {
        const words = textAt(object, 'message') ?? 'no reason';
        throw new RegistryRefusal(wholeAt(object, 'code') ?? 500, `the watch was ended: ${words}`);
      }
      default:
        throw new Error('the watch tells of something that is no change');
    }
  }

  #stateOf(slice: unknown): SliceState {
    return { name: nameOf(slice), readings: readEndpointSlice(slice, this.#config.port) };
  }

  /** Credentials are read each time, which is about once a minute: a new token is never missed. */
  async #request(query: Readonly<Record<string, string>>): Promise<{
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly authorities: string | null;
  }> {
    const { namespace, service } = this.#config;
    const access = kubernetesAccess(this.#config);
    const selected = new URLSearchParams({
      labelSelector: `kubernetes.io/service-name=${service}`,
      ...query,
    });
    const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
    return { url: `${access.url}${path}?${selected.toString()}`, ...(await readCredentials(access)) };
  }
}

function nameOf(object: unknown): string {
  const name = textAt(object, 'metadata', 'name');
  if (name === null) throw new Error('a slice has no name');
  return name;
}

/** Text that means nothing but to the server (https://kubernetes.io/docs/reference/using-api/api-concepts/). */
function versionOf(object: unknown): string {
  const version = textAt(object, 'metadata', 'resourceVersion');
  if (version === null || version.length > MAX_VERSION_LENGTH)
    throw new Error('an answer has no resourceVersion');
  return version;
}

/** A slice has 100 endpoints, or up to 1000 if somebody wants it so. */
const SLICES_A_PAGE = 100;
const MAX_PAGES = Math.ceil(MAX_ENDPOINTS / SLICES_A_PAGE);
const MAX_VERSION_LENGTH = 256;
/** A silent watch may be a dead one: this is about how long a change can go unseen at most. */
const WATCH_SECONDS = 60;
const LATENESS_MS = 10_000;
