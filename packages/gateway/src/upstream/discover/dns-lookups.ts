import { isIP } from 'node:net';
import type { Clock } from '../../core/ports.ts';
import type { AskDns, DnsAnswer } from './dns-client.ts';
import type { DnsQuestion, DnsRecord } from './dns-message.ts';
import { addressesInHosts, type NameSettings } from './name-files.ts';

/** What is known of a name now. */
export interface Finding<T> {
  /** Whether servers have just said so; if not, it is what they said before, or nothing. */
  readonly isFresh: boolean;
  readonly items: readonly T[];
  readonly ttlMs: number;
  /** Why it is not fresh, or `''`. */
  readonly problem: string;
  readonly additionals: readonly DnsRecord[];
}

interface Kept {
  readonly finding: Finding<DnsRecord>;
  readonly atMs: number;
  /** How many times in a row the name was said not to exist. */
  readonly misses: number;
}

/** What looking up works with. */
export interface LookupPorts {
  readonly ask: AskDns;
  readonly clock: Clock;
}

/**
 * Looks names up, and stands by what it knew when servers fail for a while, or say once that a name does not exist: a server that has
 * just started says that of everything.
 */
export class DnsLookups {
  readonly #ports: LookupPorts;
  readonly #kept = new Map<string, Kept>();
  #settings: NameSettings = { servers: [], search: [], hosts: '' };

  constructor(ports: LookupPorts) {
    this.#ports = ports;
  }

  /** From now on names are resolved like this; what is too old to be used is forgotten. */
  begin(settings: NameSettings): void {
    this.#settings = settings;
    const nowMs = this.#ports.clock.now();
    for (const [key, { atMs }] of this.#kept) if (nowMs - atMs > KEPT_MS) this.#kept.delete(key);
  }

  /** The addresses of a name, of both families: those of the hosts file, or else those of the servers. */
  async addresses(name: string, signal: AbortSignal): Promise<Finding<string>> {
    const here = isIP(name) === 0 ? addressesInHosts(this.#settings.hosts, name) : [name];
    if (here.length > 0) return { ...EMPTY, isFresh: true, items: here, ttlMs: HOSTS_TTL_MS };
    const families = await Promise.all([
      this.records({ name, type: 'A' }, signal),
      this.records({ name, type: 'AAAA' }, signal),
    ]);
    const items = families.flatMap(({ items: records }) => records.flatMap(addressOf));
    const fresh = families.filter(({ isFresh }) => isFresh);
    const telling = fresh.filter((one) => one.items.length > 0);
    // Nothing of one family, and no word on the other: that is not nothing.
    const isFresh = fresh.length === families.length || (fresh.length > 0 && items.length > 0);
    const ttlMs = Math.min(...(telling.length > 0 ? telling : families).map((one) => one.ttlMs));
    const problem = isFresh ? '' : families.map((one) => one.problem).find((one) => one !== '');
    return { ...EMPTY, isFresh, items, ttlMs, problem: problem ?? '' };
  }

  /** The records of a name. Never rejects. */
  async records(question: DnsQuestion, signal: AbortSignal): Promise<Finding<DnsRecord>> {
    const key = `${question.type} ${question.name}`;
    const kept = this.#kept.get(key);
    try {
      const answer = await this.#ask(question, signal);
      const misses = answer.exists ? 0 : (kept?.misses ?? 0) + 1;
      if (misses === 1) return this.#doubted(key, `${key}: NXDOMAIN`);
      return this.#keep(key, freshFinding(answer), misses);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      return { ...this.#known(kept), problem };
    }
  }

  /** A name without a dot is tried with what this machine puts behind it, then as it is. */
  async #ask({ name, type }: DnsQuestion, signal: AbortSignal): Promise<DnsAnswer> {
    const { search, servers } = this.#settings;
    const plain = name.endsWith('.') ? name.slice(0, -1) : name;
    const candidates = name.includes('.') ? [] : search.map((domain) => `${name}.${domain}`);
    for (const candidate of candidates) {
      const answer = await this.#ports.ask({ name: candidate, type }, servers, signal);
      if (answer.exists) return answer;
    }
    return this.#ports.ask({ name: plain, type }, servers, signal);
  }

  #doubted(key: string, problem: string): Finding<DnsRecord> {
    const kept = this.#kept.get(key);
    const { clock } = this.#ports;
    this.#kept.set(key, { finding: EMPTY, atMs: clock.now(), ...kept, misses: 1 });
    return { ...this.#known(kept), problem };
  }

  #keep(key: string, finding: Finding<DnsRecord>, misses: number): Finding<DnsRecord> {
    this.#kept.set(key, { finding, atMs: this.#ports.clock.now(), misses });
    return finding;
  }

  #known(kept: Kept | undefined): Finding<DnsRecord> {
    if (kept === undefined || this.#ports.clock.now() - kept.atMs > KEPT_MS) return EMPTY;
    return { ...kept.finding, isFresh: false };
  }
}

function freshFinding({ records, additionals, ttlSeconds }: DnsAnswer): Finding<DnsRecord> {
  const ttlMs = records.length === 0 ? NOTHING_TTL_MS : ttlSeconds * 1000;
  return { isFresh: true, items: records, ttlMs, problem: '', additionals };
}

/** The address in a record, if it has one. */
export function addressOf(record: DnsRecord): readonly string[] {
  return record.type === 'A' || record.type === 'AAAA' ? [record.address] : [];
}

const EMPTY = {
  isFresh: false,
  items: [],
  ttlMs: Number.POSITIVE_INFINITY,
  problem: '',
  additionals: [],
} as const;
/** How long what a server said is used when it says nothing any more. */
const KEPT_MS = 3_600_000;
const HOSTS_TTL_MS = 5000;
/** Where there is nothing now, there may be something soon. */
const NOTHING_TTL_MS = 5000;
