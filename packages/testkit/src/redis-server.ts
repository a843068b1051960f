import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess, started } from './server-process.ts';

const SERVER = '/usr/bin/redis-server';
const CLI = '/usr/bin/redis-cli';
const IS_READY = /Ready to accept connections|Sentinel ID is/;

/** Below the ports that the system gives to connections, so that the port is still free when the server comes back. */
const FIRST_PORT = 18_000;
const PORTS = 4000;

const run = promisify(execFile);

/** Why there is no Redis here, or false: for `skip` of a test. */
export function withoutRedis(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('redis-server') || !existsSync(SERVER) ? 'redis-server is not installed' : false;
}

/** A real Redis on this machine that keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  /** With the password, if it has one. */
  readonly url: string;
  /** Lets it hang: connections stay, and new ones are accepted, but nobody answers. */
  pause(): void;
  resume(): void;
  /** Ends it at once; its connections break and its memory is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** What `redis-cli` prints for a command. */
  cli(...command: string[]): Promise<string>;
  close(): Promise<void>;
}

/** What is different about a server. */
export interface RedisServerOptions {
  readonly password?: string;
  /** PEM: then it speaks TLS only, and is called `localhost`. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Lines of its configuration file. */
  readonly config?: readonly string[];
  /** A sentinel needs other settings, and keeps what it learns in the file. */
  readonly role?: 'server' | 'sentinel';
}

/** Starts a Redis in a directory of its own. */
export async function redisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-redis-'));
  return started(() => new RunningRedis(directory, options));
}

class RunningRedis implements RedisServer {
  readonly port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  readonly #directory: string;
  readonly #options: RedisServerOptions;
  readonly #process = new ServerProcess('redis-server');

  constructor(directory: string, options: RedisServerOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  get url(): string {
    const { password, tls } = this.#options;
    const login = password === undefined ? '' : `:${password}@`;
    return tls === undefined
      ? `redis://${login}127.0.0.1:${this.port}`
      : `rediss://${login}localhost:${this.port}`;
  }

  async restart(): Promise<void> {
    const { password, tls, config = [], role = 'server' } = this.#options;
    const file = join(this.#directory, 'redis.conf');
    const lines = [
      ...(tls === undefined ? [`port ${this.port}`] : await this.#tlsLines(tls)),
      'bind 127.0.0.1',
      `dir ${this.#directory}`,
      ...(role === 'server' ? ['save ""', 'appendonly no'] : []),
      ...(password === undefined ? [] : [`requirepass ${password}`]),
      ...config,
    ];
    await writeFile(file, lines.map((line) => `${line}\n`).join(''));
    const mode = role === 'sentinel' ? ['--sentinel'] : [];
    const isReady = (line: string) => IS_READY.test(line);
    await this.#process.start({ program: SERVER, args: [file, ...mode], says: 'stdout', isReady });
  }

  async #tlsLines({ key, cert }: NonNullable<RedisServerOptions['tls']>): Promise<string[]> {
    await writeFile(join(this.#directory, 'key.pem'), key, { mode: 0o600 });
    await writeFile(this.#certificate, cert);
    return [
      'port 0',
      `tls-port ${this.port}`,
      `tls-cert-file ${this.#certificate}`,
      `tls-key-file ${join(this.#directory, 'key.pem')}`,
      `tls-ca-cert-file ${this.#certificate}`,
      'tls-auth-clients no',
    ];
  }

  get #certificate(): string {
    return join(this.#directory, 'cert.pem');
  }

  pause(): void {
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async cli(...command: string[]): Promise<string> {
    const { password, tls } = this.#options;
    const login = password === undefined ? [] : ['--no-auth-warning', '-a', password];
    const secured = tls === undefined ? [] : ['-h', 'localhost', '--tls', '--cacert', this.#certificate];
    const { stdout } = await run(CLI, ['-p', `${this.port}`, ...secured, ...login, ...command]);
    return stdout.trimEnd();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Three servers of a cluster, each with a third of the slots. */
export async function redisCluster(): Promise<readonly RedisServer[]> {
  const config = ['cluster-enabled yes'];
  const nodes = await Promise.all([1, 2, 3].map(() => redisServer({ config })));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run(CLI, ['--cluster', 'create', ...addresses, '--cluster-yes']);
  return nodes;
}
