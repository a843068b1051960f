/** What the kernel says a process has used. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { descendants, statFields } from './processes.ts';

/** CPU time since the start, in microseconds, of all threads, also of those that have ended. */
export interface CpuTime {
  readonly userUs: number;
  readonly systemUs: number;
}

const usPerTick = 1e6 / ticksPerSecond();

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

/** CPU time of the processes together, from `/proc/PID/stat` (utime and stime, in steps of 10 ms). */
export function cpuTime(pids: readonly number[]): CpuTime {
  let userUs = 0;
  let systemUs = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    if (fields === null) throw new Error(`process ${pid} has ended during the measurement`);
    userUs += Number(fields[11]) * usPerTick;
    systemUs += Number(fields[12]) * usPerTick;
  }
  return { userUs, systemUs };
}

/** Resident memory of the processes together, in bytes (`VmRSS`). */
export function residentBytes(pids: readonly number[]): number {
  let bytes = 0;
  for (const pid of pids) {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    bytes += Number(line?.[1] ?? 0) * 1024;
  }
  return bytes;
}

/** The process that does the work when a launcher may have started another: the one of the family that used most CPU. */
export function busiest(pid: number): number {
  return [pid, ...descendants(pid)].reduce((best, next) => (ticksOf(next) > ticksOf(best) ? next : best));
}

function ticksOf(pid: number): number {
  const fields = statFields(pid);
  return fields === null ? -1 : Number(fields[11]) + Number(fields[12]);
}

/** How many files a process started by us may have open; Node.js has raised its own limit, which they inherit, to the hard one. */
export function openFilesLimit(): number {
  const line = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
  return line?.[1] === 'unlimited' ? Infinity : Number(line?.[1] ?? 1024);
}
