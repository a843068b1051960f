import { residentBytes } from '../core/resident-memory.ts';
import { LagMeter } from './lag-meter.ts';
import type { ThreadMetrics } from './metrics.ts';
import { openFiles } from './open-files.ts';

/**
 * Measures the event loop and the memory of this thread from now on; gives the function that stops it.
 *
 * An own timer instead of `monitorEventLoopDelay`, whose histogram contains its own interval and never forgets.
 */
export function sampleThread(metrics: ThreadMetrics): () => void {
  const lag = new LagMeter(LAG_INTERVAL_MS);
  const max = metrics.gauge('turnpike_event_loop_lag_seconds', { stat: 'max' });
  const mean = metrics.gauge('turnpike_event_loop_lag_seconds', { stat: 'mean' });
  const heapUsed = metrics.gauge('turnpike_memory_bytes', { kind: 'heap_used' });
  const heapTotal = metrics.gauge('turnpike_memory_bytes', { kind: 'heap_total' });
  const external = metrics.gauge('turnpike_memory_bytes', { kind: 'external' });
  const arrayBuffers = metrics.gauge('turnpike_memory_bytes', { kind: 'array_buffers' });

  const busy = metrics.counter('turnpike_event_loop_busy_seconds_total', {});
  let busyMs = 0;

  const lagTimer = setInterval(() => {
    lag.tick(performance.now());
    const { active } = performance.eventLoopUtilization();
    busy.add(Math.max(0, active - busyMs) / 1000);
    busyMs = Math.max(busyMs, active);
    max.set(lag.maxSeconds);
    mean.set(lag.meanSeconds);
  }, LAG_INTERVAL_MS).unref();

  const sampleMemory = () => {
    const memory = memoryUsage();
    if (memory === null) return;
    heapUsed.set(memory.heapUsed);
    heapTotal.set(memory.heapTotal);
    external.set(memory.external);
    arrayBuffers.set(memory.arrayBuffers);
  };
  sampleMemory();
  const memoryTimer = setInterval(sampleMemory, MEMORY_INTERVAL_MS).unref();

  return () => {
    clearInterval(lagTimer);
    clearInterval(memoryTimer);
  };
}

/** Gives a function that brings the metrics of the process up to date; the supervisor calls it before each scrape. */
export function processSampler(metrics: ThreadMetrics, version: string): () => void {
  const cpu = metrics.counter('process_cpu_seconds_total', {});
  const resident = metrics.gauge('process_resident_memory_bytes', {});
  let counted = 0;
  metrics.gauge('process_start_time_seconds', {}).set(Date.now() / 1000 - process.uptime());
  const files = openFiles();
  const open = files === null ? null : metrics.gauge('process_open_fds', {});
  if (files !== null) metrics.gauge('process_max_fds', {}).set(files.limit);
  metrics.gauge('turnpike_build_info', { version, node: process.version }).set(1);

  return () => {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / 1e6;
    cpu.add(seconds - counted);
    counted = seconds;
    resident.set(residentBytes());
    open?.set(openFiles()?.open ?? 0);
  };
}

/** Null: Node.js opens a file for it, and no file descriptor is left. */
function memoryUsage(): NodeJS.MemoryUsage | null {
  try {
    return process.memoryUsage();
  } catch {
    return null; // what was known stays
  }
}

const LAG_INTERVAL_MS = 100;
const MEMORY_INTERVAL_MS = 5000;
