import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('endpoint-program.ts', import.meta.url));

/** An endpoint in a process of its own, which can fail as processes do. */
export interface EndpointProcess extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Ends it at once: its connections are reset, and new ones are refused. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** Lets it hang: connections stay, and new ones are accepted for a while, but nobody answers. */
  pause(): void;
  resume(): void;
}

/** Starts one on a port that was free. `command` comes before the program, such as the one that enters a namespace. */
export async function endpointProcess(
  host = '127.0.0.1',
  command: readonly string[] = [],
): Promise<EndpointProcess> {
  const endpoint = new RunningEndpoint(host, command);
  await endpoint.restart();
  return endpoint;
}

class RunningEndpoint implements EndpointProcess {
  readonly #host: string;
  readonly #command: readonly string[];
  readonly #endWithUs = () => void this.#process?.kill('SIGKILL');
  #port = 0;
  #process: ChildProcess | null = null;

  constructor(host: string, command: readonly string[]) {
    this.#host = host;
    this.#command = command;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://${this.#host}:${this.#port}`;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    process.off('exit', this.#endWithUs);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async restart(): Promise<void> {
    await this.kill();
    const [program, ...args] = [...this.#command, process.execPath, PROGRAM, String(this.#port), this.#host];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    process.on('exit', this.#endWithUs);
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error('the endpoint did not start'))),
    ]);
    this.#port = Number(line);
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
