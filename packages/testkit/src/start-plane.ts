import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatIssue,
  plainSource,
  readConfig,
  type GatewayConfig,
  type PoliciesConfig,
} from '@turnpike/config';
import type { OtlpBatch } from '../../gateway/src/core/otlp-batch.ts';
import { ServiceLimits } from '../../gateway/src/admission/service-limits.ts';
import { metricsBuffer } from '../../gateway/src/observe/metric-memory.ts';
import { exposition } from '../../gateway/src/observe/prometheus.ts';
import { logThrough, type LogEntry } from '../../gateway/src/observe/process-log.ts';
import { BreakerStates } from '../../gateway/src/stages/circuit-breaker/breaker-states.ts';
import { buffersOf, CacheAreas } from '../../gateway/src/threads/cache-areas.ts';
import { compileSnapshot } from '../../gateway/src/snapshot.ts';
import { DataPlane } from '../../gateway/src/threads/data-plane.ts';
import { readPems } from '../../gateway/src/threads/read-pems.ts';
import { serviceLines } from '../../gateway/src/threads/service-lines.ts';
import { allocateMemory } from '../../gateway/src/threads/shared-memory.ts';
import { EndpointStates, SUPERVISOR } from '../../gateway/src/upstream/balance/endpoint-states.ts';
import { Slots } from '../../gateway/src/upstream/balance/slots.ts';
import { PlaneOffice } from './plane-office.ts';
import { eventually, within } from './within.ts';

/** A configuration document; `telemetry.accessLog` is set by the testkit. */
export type PlaneDocument = Readonly<Record<string, unknown>>;

/** One line of the access log. */
export type AccessLine = Readonly<Record<string, unknown>>;

/** A data plane that runs in the test's own process. */
export interface Plane {
  /** Of the first listener. */
  readonly port: number;
  /** In the order of the document. */
  readonly ports: readonly number[];
  readonly config: GatewayConfig;
  /** What was logged so far. */
  readonly log: readonly LogEntry[];
  /** Requests under way at all endpoints. */
  inflight(): number;
  /** The metrics as Prometheus gets them. */
  metrics(): string;
  /** The access log, once it has at least `count` lines. */
  lines(count: number): Promise<AccessLine[]>;
  /** What was handed to the supervisor to be exported. */
  readonly telemetry: readonly OtlpBatch[];
  /** Takes another document. */
  apply(document: PlaneDocument): Promise<void>;
  /**
   * Stops; resolves when nothing is under way, so a leaked exchange is an error. With a time streams leave within half of it, and clients
   * that are idle have the time that a gateway gives them; without, nobody is waited for.
   */
  close(drainMs?: number): Promise<void>;
}

const SLOTS = 256;
/** One metric memory has room for thousands of routes; a test has a few. */
const METRICS = { rows: 4000, slots: 24_000, octaves: 1000, textBytes: 100_000, exemplars: 64 };

const DRAIN_MS = 2000;

/** Entries of level debug beyond these are forgotten: there is one for every fault of a service. */
const MOST_ENTRIES = 1000;

/**
 * Runs the data plane of `document`; its listeners should have port 0. `texts` are those of the files that it names, by path;
 * `policies` are put over those of all routes. Throws with all issues if it is not valid.
 */
export async function startPlane(
  document: PlaneDocument,
  texts: GatewayConfig['documents'] = {},
  policies: Partial<PoliciesConfig> = {},
): Promise<Plane> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-test-'));
  const accessLog = join(directory, 'access.log');
  const shared = allocateMemory({
    seats: 1,
    endpoints: SLOTS,
    replays: 1024,
    counters: 1024,
    leases: 1024,
    keyCounts: 1024,
    services: 16,
    classes: 64,
  });
  const states = new EndpointStates(shared.endpointStates, SUPERVISOR);
  const slots = {
    endpoints: new Slots(states, 0),
    services: new Slots(
      serviceLines(new ServiceLimits(shared.serviceLimits, SUPERVISOR), new BreakerStates(shared.breakers)),
      0,
      'services',
    ),
  };
  const entries: LogEntry[] = [];
  const log = logThrough((entry) => {
    if (entry.level !== 'debug' || entries.length < MOST_ENTRIES) entries.push(entry);
  });
  const areas = new CacheAreas(1);
  let revision = 0;

  const compile = async (source: PlaneDocument) => {
    const config = over(
      resolved({ ...source, telemetry: { ...telemetryOf(source), accessLog: { to: accessLog } } }, texts),
      policies,
    );
    const pems = await readPems(config);
    const planned = areas.plan(config);
    areas.keep(planned);
    const stamp = {
      pems,
      caches: buffersOf(planned),
      revision: ++revision,
      nowMs: performance.timeOrigin + performance.now(),
    };
    return { config, snapshot: compileSnapshot(config, slots, stamp).data };
  };

  const { config, snapshot } = await compile(document);
  const telemetry: OtlpBatch[] = [];
  const office = new PlaneOffice({
    log,
    stateDirectory: directory,
    slots: slots.endpoints,
    takeTelemetry: (batch) => telemetry.push(batch),
  });
  await within(office.use(config), 'read what is on this machine');
  const metrics = metricsBuffer(METRICS);
  const start = {
    thread: 0,
    shared,
    metrics,
    snapshot,
    news: office.news,
    logLevels: { level: 'debug', components: {} } as const,
  };
  const plane = new DataPlane(start, log, office.desk);
  office.serve(plane);
  const ports = await within(plane.open(snapshot), 'open the listeners');
  let isClosed = false;

  const readLines = async (): Promise<AccessLine[]> => {
    const text = await readFile(accessLog, 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AccessLine);
  };

  return {
    port: ports[0] ?? 0,
    ports,
    config,
    log: entries,
    telemetry,
    inflight: () =>
      Array.from({ length: SLOTS }, (_, slot) => states.inflight(slot)).reduce((sum, n) => sum + n, 0),
    metrics: () => exposition([{ thread: '0', buffer: metrics }], null),
    async lines(count) {
      let lines = await readLines();
      const look = setInterval(() => void readLines().then((read) => (lines = read)), 20);
      try {
        await eventually(() => lines.length >= count, `${count} lines in the access log`);
      } finally {
        clearInterval(look);
      }
      return lines;
    },
    async apply(next) {
      const compiled = await compile(next);
      await within(office.use(compiled.config), 'read what is on this machine');
      await within(plane.apply(compiled.snapshot), 'apply a snapshot');
    },
    async close(drainMs) {
      if (isClosed) return;
      isClosed = true;
      try {
        const leave = drainMs === undefined ? { queueMs: 1, idleMs: 0 } : undefined;
        await within(
          plane.close(drainMs ?? DRAIN_MS, leave),
          'the end of the data plane: an exchange is still under way',
        );
      } finally {
        await office.close();
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** Beside the access log. */
function telemetryOf({ telemetry }: PlaneDocument): object {
  return typeof telemetry === 'object' && telemetry !== null ? telemetry : {};
}

function over(config: GatewayConfig, policies: Partial<PoliciesConfig>): GatewayConfig {
  const routes = config.routes.map((route) => ({ ...route, policies: { ...route.policies, ...policies } }));
  return { ...config, routes };
}

function resolved(document: PlaneDocument, texts: GatewayConfig['documents']): GatewayConfig {
  const { config, issues } = readConfig([plainSource('test', document)], undefined, texts);
  if (config === null) throw new Error(issues.map((issue) => formatIssue(issue)).join('\n'));
  return config;
}
