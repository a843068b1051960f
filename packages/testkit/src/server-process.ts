import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from './within.ts';

/** How a server is started, and how it says that it serves. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Where it tells how it does; the other stream is not read. */
  readonly says: 'stdout' | 'stderr';
  /** Variables beside those of the test itself. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Who runs it; by default who runs the test. */
  readonly as?: { readonly uid: number; readonly gid: number } | null;
  /** Hears every line; true when it serves. */
  readonly isReady: (line: string) => boolean;
}

/** How many of its first lines are kept for the message when it fails. */
const KEPT_LINES = 200;

/** A server of others in a process of its own. It never outlives the test's process. */
export class ServerProcess {
  readonly #name: string;
  readonly #endWithUs = () => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;

  /** `name` is for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Resolves when it serves; rejects with what it said if it ends before. It is read on afterwards, so that it never waits for that. */
  async start(
    { program, args, says, environment, isReady, as }: ServerCommand,
    limitMs?: number,
  ): Promise<void> {
    const isOut = says === 'stdout';
    const child = spawn(program, args, {
      ...as,
      env: { ...process.env, ...environment },
      stdio: ['ignore', isOut ? 'pipe' : 'ignore', isOut ? 'inherit' : 'pipe'],
    });
    this.#child = child;
    process.once('exit', this.#endWithUs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const said: string[] = [];
    child.once('exit', () => reject(new Error(`${this.#name} ended: ${said.slice(-20).join('\n')}`)));
    child.once('error', reject);
    const stream = child[says];
    if (stream !== null)
      createInterface({ input: stream }).on('line', (line) => {
        if (isReady(line)) resolve();
        else if (said.length < KEPT_LINES) said.push(line);
      });
    await within(promise, `${this.#name} is ready`, limitMs);
  }

  /** Nothing if it does not run. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it at once, by the signal that it takes so. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    process.off('exit', this.#endWithUs);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await within(exit, `${this.#name} is gone`);
  }
}

/** A server that has chosen its port, and may find that somebody else has it. */
interface Startable {
  restart(): Promise<void>;
  kill(): Promise<void>;
}

const ATTEMPTS = 20;

/** Starts what `make` gives; when it cannot start, another one, whose port may be free. */
export async function started<Server extends Startable>(make: () => Server): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const server = make();
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.kill();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
