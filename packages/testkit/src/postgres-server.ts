import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerProcess, started } from './server-process.ts';

const VERSIONS = '/usr/lib/postgresql';
/** Below the ports that the system gives to connections, so that the port is still free when the server comes back. */
const FIRST_PORT = 22_000;
const PORTS = 4000;
const IS_READY = /database system is ready to accept connections/;
/** Making a cluster writes some forty megabytes. */
const INIT_LIMIT_MS = 60_000;
const START_LIMIT_MS = 60_000;

const run = promisify(execFile);

/** Why there is no PostgreSQL here, or false: for `skip` of a test. */
export function withoutPostgres(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('postgresql') || binaries() === null ? 'postgresql is not installed' : false;
}

/** A real PostgreSQL on this machine, whose data is gone with it. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Of the database `postgres`. */
  readonly url: string;
  /** Makes another database and gives its URL. */
  createDatabase(): Promise<string>;
  /** Ends it at once, with all that it has under way; what was committed is still there after `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  /** What a query gives, a line each row. */
  sql(database: string, query: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts a PostgreSQL with a cluster of its own in a temporary directory. It refuses to run as root, so then it runs as `postgres`.
 * `network` is another address of this machine at which it is found, and who may come there.
 */
export async function postgresServer(network: Network | null = null): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-postgres-'));
  const owner = await ownerIds();
  if (owner !== null) await chown(directory, owner.uid, owner.gid);
  await chmod(directory, 0o755);
  const data = join(directory, 'data');
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  await run(program('initdb'), args, { ...owner, cwd: directory, timeout: INIT_LIMIT_MS });
  if (network !== null)
    await appendFile(join(data, 'pg_hba.conf'), `host all all ${network.clients} trust\n`);
  return started(() => new RunningPostgres(directory, owner, network?.address ?? LOOPBACK));
}

/** Where a server is found beside loopback. */
export interface Network {
  readonly address: string;
  /** An address with the length of its prefix. */
  readonly clients: string;
}

const LOOPBACK = '127.0.0.1';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

class RunningPostgres implements PostgresServer {
  readonly port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  readonly #directory: string;
  readonly #owner: Owner | null;
  readonly #process = new ServerProcess('postgres');
  readonly #address: string;
  #databases = 0;

  constructor(directory: string, owner: Owner | null, address: string) {
    this.#directory = directory;
    this.#owner = owner;
    this.#address = address;
  }

  get url(): string {
    return this.#urlOf('postgres');
  }

  #urlOf(database: string): string {
    return `postgres://postgres@${this.#address}:${this.port}/${database}`;
  }

  async restart(): Promise<void> {
    const data = join(this.#directory, 'data');
    const settings = [
      `port=${this.port}`,
      `listen_addresses=${this.#address}`,
      `unix_socket_directories=${this.#directory}`,
      'max_connections=200',
      'shared_buffers=16MB',
      'log_min_messages=log',
    ];
    await this.#process.start(
      {
        program: program('postgres'),
        args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        says: 'stderr',
        isReady: (line) => IS_READY.test(line),
        as: this.#owner,
      },
      START_LIMIT_MS,
    );
  }

  async createDatabase(): Promise<string> {
    const name = `test${++this.#databases}`;
    await this.sql('postgres', `create database ${name}`);
    return this.#urlOf(name);
  }

  async sql(database: string, query: string): Promise<string> {
    const args = ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-d', this.#urlOf(database), '-c', query];
    const { stdout } = await run(program('psql'), args, { timeout: INIT_LIMIT_MS });
    return stdout.trimEnd();
  }

  kill(): Promise<void> {
    // Its children would outlive it after SIGKILL.
    return this.#process.kill('SIGQUIT');
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Where the programs of the newest version are. */
function binaries(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const [newest] = readdirSync(VERSIONS).toSorted((one, other) => Number(other) - Number(one));
  const path = join(VERSIONS, newest ?? '', 'bin');
  return existsSync(join(path, 'postgres')) ? path : null;
}

function program(name: string): string {
  return join(binaries() ?? '', name);
}

/** Who runs it, if it cannot be us. */
async function ownerIds(): Promise<Owner | null> {
  if (userInfo().uid !== 0) return null;
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
