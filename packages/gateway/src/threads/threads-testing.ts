import { EventEmitter, once } from 'node:events';
import { type GatewayConfig, plainSource, readConfig } from '@turnpike/config';
import { ServiceLimits } from '../admission/service-limits.ts';
import type { LogLevels } from '../observe/log-levels.ts';
import type { LogEntry, ProcessLog } from '../observe/process-log.ts';
import { compileSnapshot } from '../snapshot.ts';
import { EndpointStates, SUPERVISOR } from '../upstream/balance/endpoint-states.ts';
import { Slots } from '../upstream/balance/slots.ts';
import type { SnapshotData } from './protocol.ts';
import { allocateMemory } from './shared-memory.ts';
import { seatsFor, WorkerPool, type PoolOptions } from './worker-pool.ts';

/** For tests: a program log that can be read and waited for. */
export interface HeardLog extends ProcessLog {
  readonly entries: readonly LogEntry[];
  /** Resolves as soon as there are `count` entries with that message. */
  heard(message: string, count?: number): Promise<LogEntry>;
}

/** For tests: keeps what is logged. */
export function hearLog(): HeardLog {
  const entries: LogEntry[] = [];
  const arrivals = new EventEmitter();
  const write = (entry: LogEntry): void => {
    entries.push(entry);
    arrivals.emit('entry');
  };
  const at =
    (level: LogEntry['level']) =>
    (message: string, fields: object = {}): void =>
      write({ level, message, fields });
  let levels: LogLevels = { level: 'debug', components: {} };
  return {
    entries,
    get levels() {
      return levels;
    },
    setLevels: (next) => {
      levels = next;
    },
    setFormat: () => {},
    heard: async (message, count = 1) => {
      for (;;) {
        const found = entries.filter((entry) => entry.message === message)[count - 1];
        if (found !== undefined) return found;
        await once(arrivals, 'entry');
      }
    },
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    write,
    flush: () => Promise.resolve(),
  };
}

/** For tests: the configuration that a document means; sections that are left out are as small as can be. */
export function configOf(document: object): GatewayConfig {
  const whole = {
    listeners: { web: { address: '127.0.0.1:0' } },
    routes: { ping: { match: { path: '/ping' }, respond: { status: 200, body: 'pong' } } },
    admin: { address: '127.0.0.1:0' },
    telemetry: { accessLog: 'off' },
    runtime: { threads: 2, drainTimeout: '2s' },
    ...document,
  };
  const { config, issues } = readConfig([plainSource('test.yaml', whole)]);
  if (config === null) throw new Error(issues.map(({ message }) => message).join('; '));
  return config;
}

/** For tests: a snapshot without routes, whose listeners have these ids. */
export function snapshotOf(revision: number, ...listeners: readonly string[]): SnapshotData {
  const [template] = configOf({}).listeners;
  if (template === undefined) throw new Error('no listener');
  const config: GatewayConfig = {
    ...configOf({}),
    listeners: listeners.map((id) => ({ ...template, id })),
    routes: [],
  };
  const states = new EndpointStates(EndpointStates.allocate(4, 1), SUPERVISOR);
  const limits = new ServiceLimits(ServiceLimits.allocate(4, 1), SUPERVISOR);
  const slots = { endpoints: new Slots(states, 0), services: new Slots(limits, 0) };
  return compileSnapshot(config, slots, { revision, nowMs: 0 }).data;
}

/** For tests: the entry of threads that open no sockets. */
export const STUB_THREAD = new URL('./stub-thread.ts', import.meta.url);

/** For tests: a pool of stub threads. */
export function stubPool(threads: number, log: ProcessLog, options: Partial<PoolOptions> = {}): WorkerPool {
  const shared = allocateMemory({
    seats: seatsFor(threads),
    endpoints: 4,
    replays: 8,
    counters: 8,
    leases: 8,
    keyCounts: 16,
    services: 4,
    classes: 4,
  });
  return new WorkerPool({
    threads,
    log,
    home: {
      entry: STUB_THREAD,
      patience: { startMs: 20_000, applyMs: 20_000, silenceMs: 20_000 },
      writeLog: (entry) => log.write(entry),
      runErrand: () => Promise.reject(new Error('nobody runs errands here')),
    },
    shared,
    news: () => [],
    release: () => {},
    logLevels: () => log.levels,
    onDeath: () => {},
    ...options,
  });
}
