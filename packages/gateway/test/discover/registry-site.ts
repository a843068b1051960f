import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/core/ports.ts';
import { random } from '../../src/core/random.ts';
import { HttpClient } from '../../src/identity/http/http-client.ts';
import { hearLog, type HeardLog } from '../../src/threads/threads-testing.ts';
import type {
  EndpointSource,
  FoundEndpoint,
  SourceEvents,
  SourcePorts,
  Web,
} from '../../src/upstream/discover/endpoint-source.ts';
import { within } from '../../../testkit/src/within.ts';

/** A source that is open, and what it has said. */
export interface RegistrySite extends AsyncDisposable {
  readonly source: EndpointSource;
  readonly log: HeardLog;
  /** What was found, the latest last. */
  readonly found: readonly { readonly endpoints: readonly FoundEndpoint[]; readonly version: string }[];
  readonly problems: readonly string[];
  /** The latest places, in order: `host:port`. */
  readonly places: () => string;
  /** Resolves as soon as the claim holds, after whatever was said. */
  readonly until: (claim: () => boolean, what: string) => Promise<void>;
  /** Resolves when these are the places, in order, separated by blanks. */
  readonly finds: (places: string) => Promise<void>;
}

/** How a site differs: its pauses are shorter by `haste`, and no answer may take longer than `timeoutMs`. */
export interface RegistrySiteOptions {
  readonly haste?: number;
  readonly timeoutMs?: number;
}

/** Opens a source for one test, over real connections. */
export function openRegistry(
  open: (events: SourceEvents, ports: SourcePorts) => EndpointSource,
  { haste = 1, timeoutMs }: RegistrySiteOptions = {},
): RegistrySite {
  const said = new EventEmitter();
  const found: { endpoints: readonly FoundEndpoint[]; version: string }[] = [];
  const problems: string[] = [];
  const log = hearLog();
  const http = new HttpClient({ connections: null });
  const web: Web = timeoutMs === undefined ? http : hurried(http, timeoutMs);
  const events: SourceEvents = {
    found: (endpoints, version) => {
      found.push({ endpoints, version });
      said.emit('said');
    },
    failed: (problem) => {
      problems.push(problem);
      said.emit('said');
    },
  };
  const source = open(events, {
    log,
    clock: systemClock,
    random: random(1),
    web,
    pause: (ms, signal) => delay(ms / haste, undefined, { signal }),
    watch: () => Promise.resolve({ close: () => Promise.resolve() }),
  });

  const places = (): string => placesOf(found.at(-1)?.endpoints ?? []);
  const until = async (claim: () => boolean, what: string): Promise<void> => {
    const wait = async (): Promise<void> => {
      while (!claim()) await once(said, 'said');
    };
    try {
      await within(wait(), what);
    } catch (error) {
      throw new Error(`after ${places()}; ${problems.at(-1) ?? 'no problem'}`, { cause: error });
    }
  };
  return {
    source,
    log,
    found,
    problems,
    places,
    until,
    finds: (wanted) => until(() => found.length > 0 && places() === wanted, `the endpoints ${wanted}`),
    async [Symbol.asyncDispose]() {
      await within(source.close(), 'the source is closed');
      await http.close();
    },
  };
}

function hurried(http: HttpClient, timeoutMs: number): Web {
  return {
    request: (url, request) => http.request(url, { ...request, timeoutMs }),
    lines: (url, request) => http.lines(url, { ...request, timeoutMs }),
  };
}

function placesOf(endpoints: readonly FoundEndpoint[]): string {
  return endpoints
    .map(({ host, port }) => `${host}:${port}`)
    .sort()
    .join(' ');
}
