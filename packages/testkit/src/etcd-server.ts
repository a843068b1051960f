import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess, started } from './server-process.ts';

const SERVER = '/usr/bin/etcd';
const IS_READY = /ready to serve client requests/;
const START_MS = 30_000;

/** Below the ports that the system gives to connections, so that they are still free when the server comes back. */
const FIRST_PORT = 22_000;
const PORT_PAIRS = 2000;

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
  return started(() => new RunningEtcd(directory));
}

class RunningEtcd implements EtcdServer {
  readonly #port = FIRST_PORT + 2 * Math.floor(Math.random() * PORT_PAIRS);
  readonly #directory: string;
  readonly #process = new ServerProcess('etcd');
  #token: string | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Another port is another member, with nothing on disk. */
  get #data(): string {
    return join(this.#directory, `${this.#port}`);
  }

  async restart(): Promise<void> {
    const peer = `http://127.0.0.1:${this.#port + 1}`;
    const settings = {
      'data-dir': this.#data,
      'listen-client-urls': this.url,
      'advertise-client-urls': this.url,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': `default=${peer}`,
      // So that a test need not wait for minutes.
      'experimental-watch-progress-notify-interval': '1s',
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const isReady = (line: string) => IS_READY.test(line);
    await this.#process.start({ program: SERVER, args: flags, says: 'stderr', isReady }, START_MS);
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
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async forget(): Promise<void> {
    await rm(this.#data, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
