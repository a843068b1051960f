import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './within.ts';

const SERVER = '/usr/bin/etcd';
const IS_READY = /ready to serve client requests/;
const START_MS = 30_000;

/** Below the ports that the system gives to connections, so that they are still free when the server comes back. */
const FIRST_PORT = 22_000;
const PORT_PAIRS = 2000;
const ATTEMPTS = 20;

/** Why there is no etcd here, or false: for `skip` of a test. */
export function withoutEtcd(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('etcd-server') || !existsSync(SERVER) ? 'etcd-server is not installed' : false;
}

/** A real etcd of one member on this machine. */
export interface EtcdServer extends AsyncDisposable {
  readonly url: string;
  /** Calls its JSON gateway; rejects unless it answers with 200. With a token once there are users. */
  call(path: string, message: object): Promise<Record<string, unknown>>;
  /** `lease` is the number of a lease that holds the key. */
  put(key: string, value: string, lease?: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Everything up to now is forgotten. */
  compact(): Promise<void>;
  /** From now on nobody but `root` with this password may do anything. */
  requirePassword(password: string): Promise<void>;
  /** Lets it hang: connections stay, and new ones are accepted, but nobody answers. */
  pause(): void;
  resume(): void;
  /** Ends it at once; what it has on disk stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** Takes away what it has on disk, while it is not running. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an etcd in a directory of its own. */
export async function etcdServer(): Promise<EtcdServer> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-etcd-'));
  for (let attempt = 1; ; attempt++) {
    const server = new RunningEtcd(directory);
    try {
      await server.restart();
      return server;
    } catch (error) {
      // Somebody else has the port: another one may be free.
      await server.kill();
      await server.forget();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

class RunningEtcd implements EtcdServer {
  readonly #port = FIRST_PORT + 2 * Math.floor(Math.random() * PORT_PAIRS);
  readonly #directory: string;
  readonly #endWithUs = () => void this.#process?.kill('SIGKILL');
  #process: ChildProcess | null = null;
  #token: string | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async restart(): Promise<void> {
    const peer = `http://127.0.0.1:${this.#port + 1}`;
    const settings = {
      'data-dir': join(this.#directory, 'data'),
      'listen-client-urls': this.url,
      'advertise-client-urls': this.url,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      // So that a test need not wait for minutes.
      'experimental-watch-progress-notify-interval': '1s',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(SERVER, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    process.once('exit', this.#endWithUs);
    await within(untilReady(child), 'etcd is ready', START_MS);
  }

  async call(path: string, message: object): Promise<Record<string, unknown>> {
    const headers = this.#token === null ? {} : { authorization: this.#token };
    const response = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(message) });
    if (response.status !== 200) throw new Error(`etcd: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  }

  async put(key: string, value: string, lease = '0'): Promise<void> {
    await this.call('/v3/kv/put', { key: base64(key), value: base64(value), lease });
  }

  async delete(key: string): Promise<void> {
    await this.call('/v3/kv/deleterange', { key: base64(key) });
  }

  async compact(): Promise<void> {
    const { header } = await this.call('/v3/kv/range', { key: base64('x') });
    const { revision } = header as { revision: string };
    await this.call('/v3/kv/compaction', { revision, physical: true });
  }

  async requirePassword(password: string): Promise<void> {
    await this.call('/v3/auth/user/add', { name: 'root', password });
    await this.call('/v3/auth/user/grant', { user: 'root', role: 'root' });
    await this.call('/v3/auth/enable', {});
    const { token } = await this.call('/v3/auth/authenticate', { name: 'root', password });
    this.#token = String(token);
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    process.off('exit', this.#endWithUs);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await within(exit, 'etcd is gone');
  }

  async forget(): Promise<void> {
    await rm(join(this.#directory, 'data'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Rejects if it ends before. Reads on afterwards, so that it never waits for somebody to read. */
function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const said: string[] = [];
  child.once('exit', () => reject(new Error(`etcd ended: ${said.slice(-10).join('\n')}`)));
  child.once('error', reject);
  if (child.stderr !== null)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (IS_READY.test(line)) resolve();
      else if (said.length < 1000) said.push(line);
    });
  return promise;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
