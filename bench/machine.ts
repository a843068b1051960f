/** The machine that the benchmark runs on: which cores it takes, which tools there are. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { arch, cpus, release, type } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The cores of the two sides; `null` when nothing is pinned. */
export interface Cores {
  readonly gateway: number | null;
  readonly load: number | null;
  /** Why nothing is pinned, for the reader of the numbers. */
  readonly note: string | null;
}

/** The path of a command, looked for where a shell of root would; `null` when it is not installed. */
export function which(command: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder; the next may have it.
    }
  }
  return null;
}

/** Says how to get a Debian package whose command is not there. */
export function missingCommand(command: string, debianPackage: string): string | null {
  return which(command) === null ? `${command} is not installed: apt-get install ${debianPackage}` : null;
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Takes the two cores that were `wanted`, or the first two that we may use. */
export function chooseCores(wanted: readonly number[]): Cores {
  const allowed = allowedCores();
  const [gateway, load] = wanted.length > 0 ? wanted : allowed;
  if (which('taskset') === null)
    return unpinned('there is no taskset (apt-get install util-linux): nothing is pinned');
  if (gateway === undefined || load === undefined || gateway === load) {
    return unpinned(
      'there is only one core: gateway, load and origin share it, and only CPU per request means something',
    );
  }
  if (!allowed.includes(gateway) || !allowed.includes(load)) {
    throw new Error(`cores ${gateway},${load} are not among those that we may use: ${allowed.join(',')}`);
  }
  return { gateway, load, note: null };
}

function unpinned(note: string): Cores {
  return { gateway: null, load: null, note };
}

/** Says when other programs are at work on the cores that we take; `null` when they are quiet. Takes half a second. */
export async function disturbance({ gateway, load }: Cores): Promise<string | null> {
  if (gateway === null || load === null) return null;
  const before = [gateway, load].map(idleTicks);
  const beganMs = performance.now();
  await sleep(500);
  const ticks = (performance.now() - beganMs) / msPerTick;
  const busy = [gateway, load].map((core, index) => 1 - (idleTicks(core) - (before[index] ?? 0)) / ticks);
  if (Math.max(...busy) < 0.1) return null;
  const shares = busy.map((share) => `${Math.round(share * 100)} %`).join(' and ');
  return `other programs keep our cores busy (${shares}): latencies will show it, CPU per request a little`;
}

const msPerTick = 10;

function idleTicks(core: number): number {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const [, , , idle = 0, waiting = 0] = line.split(' ').map(Number);
  return idle + waiting;
}

function firstLineOf(command: string, args: readonly string[]): string {
  try {
    // nginx prints its version on standard error.
    const text = execFileSync('sh', ['-c', '"$0" "$@" 2>&1 || true', command, ...args], { encoding: 'utf8' });
    return text.split('\n')[0]?.trim() ?? '';
  } catch {
    return 'unknown version';
  }
}

/** One line for each thing that the numbers depend on. */
export function describeMachine(): string[] {
  const nginx = which('nginx');
  const haproxy = which('haproxy');
  return [
    `${cpus()[0]?.model.trim() ?? arch()}, ${cpus().length} cores, ${type()} ${release()}, Node.js ${process.version}`,
    ...(nginx === null ? [] : [firstLineOf(nginx, ['-v'])]),
    ...(haproxy === null ? [] : [firstLineOf(haproxy, ['-v'])]),
  ];
}
