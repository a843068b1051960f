import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The built program under test, with a configuration file of its own. */
export interface RunningGateway {
  /** The address where it listens. */
  readonly host: string;
  /** Of the listener `web`. */
  readonly port: number;
  /** By listener. */
  readonly ports: Readonly<Record<string, number>>;
  readonly adminPort: number;
  readonly process: ChildProcess;
  readonly configFile: string;
  /** Resolves with the fields of the next log entry with this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Everything that it logged so far. */
  readonly log: readonly Record<string, unknown>[];
  /** `value` goes along as JSON. */
  admin(path: string, method?: string, value?: unknown): Promise<{ status: number; body: string }>;
  /** Sends a signal and resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

const EXECUTABLE = new URL('../packages/cli/bin/turnpike.js', import.meta.url).pathname;

/** Where a gateway runs, if not just here: at that address, entered by what comes before the command. */
export interface GatewayPlace {
  readonly host: string;
  readonly command: readonly string[];
}

const HERE: GatewayPlace = { host: '127.0.0.1', command: [] };

/** A place here where a program has that many file descriptors at most. */
export function withOpenFiles(openFiles: number): GatewayPlace {
  return { ...HERE, command: ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh'] };
}

/** Starts `turnpike start` on a configuration whose listener `web` and admin API have port 0; variables go along. */
export async function runGateway(
  config: string,
  environment: Readonly<Record<string, string>> = {},
  { host, command }: GatewayPlace = HERE,
): Promise<RunningGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-e2e-'));
  const configFile = join(folder, 'gateway.yaml');
  await writeFile(configFile, config);
  const [program, ...args] = [...command, process.execPath, EXECUTABLE, 'start', configFile];
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const log: Record<string, unknown>[] = [];
  const waiting: { readonly message: string; readonly resolve: (entry: Record<string, unknown>) => void }[] =
    [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const entry: Record<string, unknown> = line.startsWith('{') ? JSON.parse(line) : { message: line };
    log.push(entry);
    for (const [i, waiter] of [...waiting.entries()].toReversed()) {
      if (waiter.message !== entry['message']) continue;
      waiting.splice(i, 1);
      waiter.resolve(entry);
    }
  });
  const logged = (message: string) =>
    new Promise<Record<string, unknown>>((resolve) => waiting.push({ message, resolve }));
  const exited = once(child, 'exit');
  const serving = await Promise.race([logged('serving'), exited]);
  if (Array.isArray(serving))
    throw new Error(`the gateway did not start:\n${log.map((e) => JSON.stringify(e)).join('\n')}`);
  const ports = serving['ports'] as Record<string, number>;
  const adminPort = Number(serving['admin']);

  return {
    host,
    port: ports['web'] ?? 0,
    ports,
    adminPort,
    process: child,
    configFile,
    logged,
    log,
    async admin(path, method = 'GET', value) {
      const body = value === undefined ? {} : { body: JSON.stringify(value) };
      const response = await fetch(`http://${host}:${adminPort}${path}`, { method, ...body });
      return { status: response.status, body: await response.text() };
    },
    async stop(signal) {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
