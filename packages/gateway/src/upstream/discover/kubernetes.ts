import { EndpointCrowd } from './endpoint-crowd.ts';
import type { EndpointSource, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { kubernetesAccess, type KubernetesConfig } from './kubernetes-access.ts';
import { KubernetesApi, type SliceNews } from './kubernetes-api.ts';
import { RegistryRefusal } from './registry-answer.ts';
import { backoffMs, steadySource } from './steady-source.ts';

/**
 * Endpoints that the EndpointSlices of a service in Kubernetes hold: lists them, and watches from there. What the server no
 * longer remembers (410 Gone) is listed anew.
 */
export function kubernetesSource(
  config: KubernetesConfig,
  events: SourceEvents,
  ports: SourcePorts,
): EndpointSource {
  const api = new KubernetesApi(config, ports);
  const crowd = new EndpointCrowd(ports.log, `${config.namespace}/${config.service}`);
  const source = steadySource(
    async (signal, proven) => {
      try {
        await follow(api, { crowd, events, ports, signal, proven });
      } catch (error) {
        if (!(error instanceof RegistryRefusal && error.status === GONE)) throw error;
      }
    },
    events,
    ports,
  );
  const credentials = watchCredentials(config, source, ports);
  return {
    refresh: () => source.refresh(),
    close: async () => {
      const [watch] = await Promise.all([credentials, source.close()]);
      await watch?.close();
    },
  };
}

interface Following {
  readonly crowd: EndpointCrowd;
  readonly events: SourceEvents;
  readonly ports: SourcePorts;
  readonly signal: AbortSignal;
  readonly proven: () => void;
}

/** Lists, then watches, each time from where the last watch ended. */
async function follow(api: KubernetesApi, following: Following): Promise<void> {
  const { crowd, events, ports, signal } = following;
  const { version, slices } = await api.list(signal);
  crowd.replace(slices.map(({ name, readings }) => [name, readings ?? []]));
  events.found(crowd.all(), version);
  for (let seen = version; ;) {
    seen = await watchOnce(api, seen, following);
    await ports.pause(backoffMs(1, ports.random), signal);
  }
}

/** Gives the version that was seen last. */
async function watchOnce(api: KubernetesApi, version: string, following: Following): Promise<string> {
  const { crowd, events, ports, signal, proven } = following;
  const startedAtMs = ports.clock.now();
  let seen = version;
  let isSilent = true;
  for await (const news of api.watch(version, signal)) {
    proven();
    isSilent = false;
    seen = news.version;
    apply(crowd, news);
    // Also for a bookmark: that there is nothing else is true as of now.
    events.found(crowd.all(), seen);
  }
  if (isSilent && ports.clock.now() - startedAtMs < SHORT_WATCH_MS)
    throw new Error('the watch was ended at once');
  proven();
  return seen;
}

function apply(crowd: EndpointCrowd, { slices }: SliceNews): void {
  for (const { name, readings } of slices) {
    if (readings === null) crowd.delete(name);
    else crowd.set(name, readings);
  }
}

/** Looks again when a token or authorities have changed: those from before may have been refused. Never rejects. */
async function watchCredentials(
  config: KubernetesConfig,
  source: EndpointSource,
  ports: SourcePorts,
): Promise<{ readonly close: () => Promise<void> } | null> {
  try {
    const { token, authorities } = kubernetesAccess(config);
    const paths = [token, authorities].flatMap((file) => file?.path ?? []);
    return paths.length === 0 ? null : await ports.watch(paths, () => source.refresh());
  } catch {
    return null; // the source says why it cannot be reached; and credentials are read for each request anyhow
  }
}

const GONE = 410;
const SHORT_WATCH_MS = 1000;
