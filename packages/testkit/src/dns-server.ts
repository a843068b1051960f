import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ServerProcess, started } from './server-process.ts';
import { within } from './within.ts';

const SERVER = '/usr/sbin/dnsmasq';

/** Below the ports that the system gives to connections, so that the port is still free when the server comes back. */
const FIRST_PORT = 23_000;
const PORTS = 4000;

/** Why there is no DNS server here, or false: for `skip` of a test. */
export function withoutDnsServer(): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  return missing.includes('dnsmasq-base') || !existsSync(SERVER) ? 'dnsmasq is not installed' : false;
}

/** What a server knows, all below `.test`. */
export interface DnsZone {
  /** Addresses by name. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** `name,target,port,priority,weight`. */
  readonly srv?: readonly string[];
  /** `alias,name`. */
  readonly aliases?: readonly string[];
}

/** A real DNS server on this machine that answers for `.test`, with TTLs of one second. */
export interface DnsTestServer extends AsyncDisposable {
  readonly port: number;
  /** Changes addresses while it runs; the rest of the zone stays. */
  changeHosts(hosts: DnsZone['hosts']): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with another zone if one is given. */
  restart(zone?: DnsZone): Promise<void>;
}

/** Starts dnsmasq in a directory of its own. */
export async function dnsServer(zone: DnsZone): Promise<DnsTestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-dns-'));
  return started(() => new RunningDnsServer(directory, zone));
}

class RunningDnsServer implements DnsTestServer {
  readonly port = FIRST_PORT + Math.floor(Math.random() * PORTS);
  readonly #directory: string;
  readonly #process = new ServerProcess('dnsmasq');
  #zone: DnsZone;
  #hasRead = Promise.withResolvers<void>();

  constructor(directory: string, zone: DnsZone) {
    this.#directory = directory;
    this.#zone = zone;
  }

  get #hostsFile(): string {
    return join(this.#directory, 'hosts');
  }

  async changeHosts(hosts: DnsZone['hosts']): Promise<void> {
    this.#zone = { ...this.#zone, ...(hosts && { hosts }) };
    await this.#writeHosts();
    this.#hasRead = Promise.withResolvers();
    this.#process.signal('SIGHUP');
    await within(this.#hasRead.promise, 'dnsmasq has read its hosts');
  }

  async restart(zone: DnsZone = this.#zone): Promise<void> {
    this.#zone = zone;
    await this.kill();
    await this.#writeHosts();
    const { srv = [], aliases = [] } = zone;
    const args = [
      '--no-daemon',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      `--port=${this.port}`,
      `--user=${userInfo().username}`,
      '--local=/test/',
      '--local-ttl=1',
      `--addn-hosts=${this.#hostsFile}`,
      ...srv.map((record) => `--srv-host=${record}`),
      ...aliases.map((alias) => `--cname=${alias}`),
    ];
    await this.#process.start({
      program: SERVER,
      args,
      says: 'stderr',
      isReady: (line) => this.#hears(line),
    });
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** It says when it has read its hosts: at the start, when its port is open, and after each SIGHUP. */
  #hears(line: string): boolean {
    if (!line.includes(`read ${this.#hostsFile} - `)) return false;
    this.#hasRead.resolve();
    return true;
  }

  async #writeHosts(): Promise<void> {
    const lines = Object.entries(this.#zone.hosts ?? {}).flatMap(([name, addresses]) =>
      addresses.map((address) => `${address} ${name}\n`),
    );
    await writeFile(this.#hostsFile, lines.join(''));
  }
}
