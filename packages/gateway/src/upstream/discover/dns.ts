import { type AskDns, dnsClient } from './dns-client.ts';
import { addressOf, DnsLookups, type Finding } from './dns-lookups.ts';
import type { DnsRecord, SrvData } from './dns-message.ts';
import { DnsSource, type Look, type LookResult } from './dns-source.ts';
import { type NameSettings, parseServer, readNameSettings } from './name-files.ts';
import type { Openers } from './openers.ts';
import { type ResolvedSrv, srvEndpoints } from './srv-endpoints.ts';

/** What DNS works with; that of the machine unless a test says otherwise. */
export interface DnsParts {
  readonly settings?: () => Promise<NameSettings>;
  readonly ask?: AskDns;
}

/** The openers of A and AAAA records, and of SRV records. */
export function dnsOpeners(parts: DnsParts = {}): Pick<Openers, 'dns' | 'srv'> {
  const { settings = () => readNameSettings() } = parts;
  return {
    dns: ({ name, port, resolvers }, events, ports) => {
      const lookups = new DnsLookups({ clock: ports.clock, ask: parts.ask ?? dnsClient(ports.pause) });
      const look: Look = async (signal) => {
        lookups.begin(await settingsFor(resolvers, settings));
        const { items, ...rest } = await lookups.addresses(name, signal);
        const endpoints = items.map((host) => ({
          host,
          port,
          weight: 1,
          priority: 0,
          zone: null,
          isDraining: false,
        }));
        return { ...rest, endpoints };
      };
      return new DnsSource(look, events, ports);
    },
    srv: ({ name, resolvers }, events, ports) => {
      const lookups = new DnsLookups({ clock: ports.clock, ask: parts.ask ?? dnsClient(ports.pause) });
      const look: Look = async (signal) => {
        lookups.begin(await settingsFor(resolvers, settings));
        return lookAtSrv(name, lookups, signal);
      };
      return new DnsSource(look, events, ports);
    },
  };
}

/** Who names servers wants their word, not that of this machine's files. */
async function settingsFor(
  resolvers: readonly string[],
  settings: () => Promise<NameSettings>,
): Promise<NameSettings> {
  if (resolvers.length === 0) return settings();
  return { servers: resolvers.map(parseServer), search: [], hosts: '' };
}

async function lookAtSrv(name: string, lookups: DnsLookups, signal: AbortSignal): Promise<LookResult> {
  const { items, additionals, isFresh, ttlMs, problem } = await lookups.records(
    { name, type: 'SRV' },
    signal,
  );
  // "." as a target: decidedly not available (RFC 2782).
  const records = items.flatMap((record) => (record.type === 'SRV' && record.target !== '' ? [record] : []));
  if (!isFresh || records.length === 0) return { isFresh, endpoints: [], ttlMs, problem };
  const targets = await addressesOfTargets(records, additionals, (target) =>
    lookups.addresses(target, signal),
  );
  const resolved = records.map((record): ResolvedSrv => ({
    record,
    addresses: targets.get(record.target)?.items ?? [],
  }));
  const findings = [...targets.values()];
  const missing = findings.find((one) => one.problem !== '' && one.items.length === 0);
  const endpoints = srvEndpoints(resolved.filter(({ addresses }) => addresses.length > 0));
  return {
    // One target without an address is no reason to forget the others; none with one is no answer.
    isFresh: endpoints.length > 0 || missing === undefined,
    endpoints,
    ttlMs: Math.min(ttlMs, ...findings.map((one) => one.ttlMs)),
    problem: missing?.problem ?? '',
  };
}

/** One family is enough for a target, or a machine with both would count twice. */
async function addressesOfTargets(
  records: readonly SrvData[],
  additionals: readonly DnsRecord[],
  addresses: (target: string) => Promise<Finding<string>>,
): Promise<ReadonlyMap<string, Finding<string>>> {
  const targets = new Map<string, Finding<string>>();
  const open = [...new Set(records.map(({ target }) => target))];
  const given = Map.groupBy(additionals, ({ name }) => name);
  const work = async (): Promise<void> => {
    for (let target = open.pop(); target !== undefined; target = open.pop()) {
      const finding = givenAddresses(given.get(target)) ?? (await addresses(target));
      const ofOneFamily = finding.items.filter((one) => !one.includes(':'));
      targets.set(target, ofOneFamily.length === 0 ? finding : { ...finding, items: ofOneFamily });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return targets;
}

/** What the server sent along, so that it need not be asked for. */
function givenAddresses(records: readonly DnsRecord[] = []): Finding<string> | null {
  const items = records.flatMap(addressOf);
  if (items.length === 0) return null;
  const ttlMs = Math.min(...records.map(({ ttlSeconds }) => ttlSeconds)) * 1000;
  return { isFresh: true, items, ttlMs, problem: '', additionals: [] };
}

/** How many names are asked for at the same time. */
const AT_ONCE = 16;
