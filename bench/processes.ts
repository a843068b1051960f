/** Starts, finds and ends the programs of a run. Every one is ended by its process id, also when the run fails. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, readFileSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where a program runs: its working directory, and the core that it may use (`null`: any). */
export interface Placement {
  readonly directory: string;
  readonly core: number | null;
}

/** A program that runs until `stop`. */
export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** The end of what it printed, for the message when it fails. */
  readonly tail: () => string;
  readonly stop: () => Promise<void>;
}

const children = new Set<ChildProcess>();
const stopPatienceMs = 4000;

// The last resort, and the only thing that Ctrl-C needs: whatever still runs is killed on the way out.
process.on('exit', () => {
  for (const child of children) for (const pid of familyOf(child)) signal(pid, 'SIGKILL');
});

function track(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function pinned(command: readonly string[], core: number | null): [string, string[]] {
  const [program = '', ...args] = core === null ? command : ['taskset', '-c', String(core), ...command];
  return [program, args];
}

/** Starts a server. What it prints goes to a file in its directory. */
export function launch(command: readonly string[], placement: Placement): Program {
  const output = join(placement.directory, 'output.txt');
  const descriptor = openSync(output, 'a');
  const [program, args] = pinned(command, placement.core);
  const stdio: ['ignore', number, number] = ['ignore', descriptor, descriptor];
  // A group of its own, so that Ctrl-C reaches this program only and the order of the end is ours.
  const child = track(spawn(program, args, { cwd: placement.directory, stdio, detached: true }));
  closeSync(descriptor);
  child.on('error', () => children.delete(child));
  return {
    pid: child.pid ?? 0,
    child,
    tail: () => readFileSync(output, 'utf8').slice(-2000).trim(),
    stop: () => stop(child),
  };
}

/** Starts a load program whose answers are read from its standard output. */
export function converse(command: readonly string[], placement: Placement): ChildProcess {
  const [program, args] = pinned(command, placement.core);
  return track(
    spawn(program, args, { cwd: placement.directory, stdio: ['pipe', 'pipe', 'inherit'], detached: true }),
  );
}

/** Runs a load program to its end and gives what it printed; it is killed after `limitMs`. */
export async function complete(
  command: readonly string[],
  placement: Placement,
  limitMs: number,
): Promise<string> {
  const child = converse(command, placement);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const status = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve(String(killedBy ?? code)));
  });
  clearTimeout(timer);
  if (status !== '0') throw new Error(`${command[0]} ended with ${status}: ${text.slice(-500)}`);
  return text;
}

async function stop(child: ChildProcess): Promise<void> {
  const pids = familyOf(child);
  for (const pid of pids) signal(pid, 'SIGTERM');
  const deadline = performance.now() + stopPatienceMs;
  while (pids.some(isAlive) && performance.now() < deadline) await sleep(20);
  for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL');
}

function familyOf(child: ChildProcess): number[] {
  return child.pid === undefined || child.exitCode !== null ? [] : [child.pid, ...descendants(child.pid)];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself, which is what we want.
  }
}

/** The fields of `/proc/PID/stat` after the program's name, from the state on; `null` when there is no such process. */
export function statFields(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** All processes that `pid` has started, and those that they have. */
export function descendants(pid: number): number[] {
  const everyone = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const own = everyone.filter((candidate) => Number(statFields(candidate)?.[1]) === pid);
  return own.flatMap((child) => [child, ...descendants(child)]);
}

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
