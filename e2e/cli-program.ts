// Runs the executable as users do, and reads what it says.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = fileURLToPath(new URL('../', import.meta.url));

const executable = join(root, 'packages/cli/bin/turnpike.js');

/** What a program left behind. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves with the first match in what it writes, on either output; rejects when it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
}

/** How a program is run. */
export interface How {
  readonly node?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The Node.js of the machine, if it is too old for Turnpike. */
export function oldSystemNodes(): string[] {
  const node = '/usr/bin/node';
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? Infinity) < 24 ? [node] : [];
}

/** Runs `turnpike` to its end. */
export function turnpike(args: readonly string[], how: How = {}): Promise<Ended> {
  return launch([executable, ...args], how).ended;
}

/** Starts `turnpike`, and ends it with the test. */
export function startTurnpike(context: TestContext, args: readonly string[], how: How = {}): Running {
  return launchFor(context, [executable, ...args], how);
}

/** Starts a program of the project, and ends it with the test. */
export function launchFor(context: TestContext, args: readonly string[], how: How = {}): Running {
  const running = launch(args, how);
  context.after(async () => {
    killGroup(running.child);
    await running.ended;
  });
  return running;
}

/** Ends a program and what it has started. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // all of it has ended already
  }
}

/** Starts a program of the project, which ends by itself. */
export function launch(
  args: readonly string[],
  { node = process.execPath, cwd = root, env = {} }: How = {},
): Running {
  const child = spawn(node, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that all of it can be ended
  });
  let out = '';
  let err = '';
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.on('close', (code) => resolve({ code, out, err }));

  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((found, rejected) => {
      const look = (): void => {
        const match = pattern.exec(out) ?? pattern.exec(err);
        if (match !== null) found(match);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () =>
        rejected(new Error(`it ended without saying ${String(pattern)}:\n${out}${err}`)),
      );
      look();
    });
  return { child, says, ended };
}

/** A directory with these files, for one test. */
export function directoryWith(context: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-cli-'));
  context.after(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** A service that tells what it was asked for; gives its port. */
export async function echoService(context: TestContext): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Below the ports that the system gives to whoever asks for any, and to connections: there nobody takes one by accident. */
const FIRST_PORT = 10_000;
const PORTS = 8000;

/** Ports that nobody listens on. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createTcpServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
