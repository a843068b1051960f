import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess, started } from './server-process.ts';
import { testAuthority } from './test-authority.ts';

const SERVER = '/usr/bin/pebble';
const NAMES = '/usr/bin/pebble-challtestsrv';

/** Below the ports that the system gives to connections. */
const FIRST_PORT = 28_000;
const PORTS = 4000;

/** Why there is no authority here, or false: for `skip` of a test. */
export function withoutAcmeServer(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('pebble') || !existsSync(SERVER) ? 'pebble is not installed' : false;
}

/** How it looks at those who order. All names lead to this machine. */
export interface AcmeServerOptions {
  /** Where it asks over HTTP. */
  readonly httpPort: number;
  /** Where it shakes hands. */
  readonly tlsPort: number;
  /** Of 100 nonces that are good it refuses so many. */
  readonly refusedNonces?: number;
  /** Accounts that it knows from elsewhere, with their keys; without one nobody gets an account. */
  readonly knownAccounts?: Readonly<Record<string, string>>;
}

/** Let's Encrypt's own test authority, on this machine. */
export interface AcmeServer extends AsyncDisposable {
  readonly directory: string;
  /** PEM of who vouches for the server itself. */
  readonly authorities: string;
  /** Lines that it wrote, in which a pattern is found. */
  said(pattern: RegExp): readonly string[];
  /** Ends it at once; it forgets everything. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one. */
export async function acmeServer(options: AcmeServerOptions): Promise<AcmeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-acme-'));
  return started(() => new RunningAcmeServer(folder, options));
}

class RunningAcmeServer implements AcmeServer {
  readonly #port = FIRST_PORT + 4 * Math.floor((Math.random() * PORTS) / 4);
  readonly #folder: string;
  readonly #options: AcmeServerOptions;
  readonly #server = new ServerProcess('pebble');
  readonly #names = new ServerProcess('pebble-challtestsrv');
  readonly #lines: string[] = [];
  readonly #authority = testAuthority();

  constructor(folder: string, options: AcmeServerOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  get directory(): string {
    return `https://localhost:${this.#port}/dir`;
  }

  get authorities(): string {
    return this.#authority.cert;
  }

  said(pattern: RegExp): readonly string[] {
    return this.#lines.filter((line) => pattern.test(line));
  }

  async restart(): Promise<void> {
    const [config, names] = [await this.#writeConfig(), `127.0.0.1:${this.#port + 2}`];
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
    await this.#names.start({
      program: NAMES,
      args: [
        '-defaultIPv4',
        '127.0.0.1',
        '-dns01',
        names,
        '-management',
        `127.0.0.1:${this.#port + 3}`,
        ...off,
      ],
      says: 'stdout',
      isReady: (line) => /Starting management server/.test(line),
    });
    await this.#server.start({
      program: SERVER,
      args: ['-config', config, '-dnsserver', names],
      says: 'stdout',
      environment: {
        PEBBLE_VA_NOSLEEP: '1',
        PEBBLE_WFE_NONCEREJECT: String(this.#options.refusedNonces ?? 5),
      },
      isReady: (line) => {
        this.#lines.push(line);
        return /ACME directory available/.test(line);
      },
    });
  }

  async #writeConfig(): Promise<string> {
    const { httpPort, tlsPort, knownAccounts } = this.#options;
    const { cert, key } = this.#authority.issue({ names: ['localhost'] });
    const [certificate, privateKey] = [join(this.#folder, 'own.pem'), join(this.#folder, 'own.key')];
    await writeFile(certificate, cert);
    await writeFile(privateKey, key);
    const pebble = {
      listenAddress: `127.0.0.1:${this.#port}`,
      managementListenAddress: `127.0.0.1:${this.#port + 1}`,
      certificate,
      privateKey,
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: knownAccounts !== undefined,
      ...(knownAccounts !== undefined && { externalAccountMACKeys: knownAccounts }),
    };
    const path = join(this.#folder, 'pebble.json');
    await writeFile(path, JSON.stringify({ pebble }));
    return path;
  }

  async kill(): Promise<void> {
    await this.#server.kill();
    await this.#names.kill();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
