import { EndpointCrowd } from './endpoint-crowd.ts';
import type { EndpointSource, SourceEvents, SourcePorts } from './endpoint-source.ts';
import { BeginAnew, EtcdGateway, type EtcdConfig, type EtcdEntry, type EtcdNews } from './etcd-gateway.ts';
import { readEtcdValue } from './etcd-value.ts';
import { forAWhile } from './registry-answer.ts';
import { steadySource } from './steady-source.ts';

/**
 * Endpoints that are keys below a prefix in etcd. A key that is deleted, or whose lease has run out, is an endpoint less. The
 * servers are asked in turn: the next one when one fails.
 */
export function etcdSource(config: EtcdConfig, events: SourceEvents, ports: SourcePorts): EndpointSource {
  const gateways = config.urls.map((url) => new EtcdGateway(url, config, ports.web));
  const crowd = new EndpointCrowd(ports.log, config.prefix);
  let turn = 0;

  return steadySource(
    async (signal, proven) => {
      const gateway = gateways[turn % gateways.length];
      if (gateway === undefined) throw new Error('no address of etcd is configured');
      try {
        await follow(gateway, { crowd, events, ports, signal, proven });
      } catch (error) {
        if (!signal.aborted) turn++;
        throw error;
      }
    },
    events,
    ports,
  );
}

interface Following {
  readonly crowd: EndpointCrowd;
  readonly events: SourceEvents;
  readonly ports: SourcePorts;
  readonly signal: AbortSignal;
  readonly proven: () => void;
}

/**
 * Lists, then watches, each time from where the last watch ended, until the server does not remember that any more, or the
 * list is old.
 */
async function follow(gateway: EtcdGateway, following: Following): Promise<void> {
  const { crowd, events, signal, proven } = following;
  const listed = await gateway.list(signal);
  let seen = listed.revision;
  crowd.replace(listed.entries.map(({ key, value }) => [key, [readEtcdValue(value ?? '')]]));
  events.found(crowd.all(), `${seen}`);
  let isJustListed = true;

  /** Tells also what has not changed: that a watch was renewed says that it is still true. */
  const tell = ({ revision, entries }: EtcdNews): void => {
    proven();
    seen = revision;
    for (const entry of entries) apply(crowd, entry);
    if (entries.length > 0 || !isJustListed) events.found(crowd.all(), `${seen}`);
    isJustListed = false;
  };
  try {
    for (let watches = 0; watches < WATCHES_OF_A_LIST; watches++)
      await watchOnce(gateway, seen, { ...following, tell });
  } catch (error) {
    if (!(error instanceof BeginAnew)) throw error;
  }
}

interface Watching extends Following {
  readonly tell: (news: EtcdNews) => void;
}

async function watchOnce(gateway: EtcdGateway, revision: number, watching: Watching): Promise<void> {
  await forAWhile(RENEW_MS, watching, async (signal, begun) => {
    for await (const news of gateway.watch(revision, signal)) {
      begun();
      watching.tell(news);
    }
    throw new Error('the watch was ended');
  });
}

function apply(crowd: EndpointCrowd, { key, value }: EtcdEntry): void {
  if (value === null) crowd.delete(key);
  else crowd.set(key, [readEtcdValue(value)]);
}

/**
 * How often a list is watched from. Releases of etcd before 3.5.18 forget to tell of a deletion when the revision at which
 * it happened is compacted in the moment in which a watch begins: only a new list tells.
 */
const WATCHES_OF_A_LIST = 5;

/** A silent watch may be a dead one: this is how long a change can go unseen at most. */
const RENEW_MS = 60_000;
