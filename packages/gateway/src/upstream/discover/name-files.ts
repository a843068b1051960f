import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { DnsServer } from './dns-exchange.ts';

/** How names are resolved on this machine. */
export interface NameSettings {
  readonly servers: readonly DnsServer[];
  /** What is tried behind a name without a dot, in this order. */
  readonly search: readonly string[];
  /** The text of the hosts file. */
  readonly hosts: string;
}

/** Reads them; a file that is not there says nothing. Small files, read anew each time: they may change any time. */
export async function readNameSettings(
  resolvConf = '/etc/resolv.conf',
  hostsFile = '/etc/hosts',
): Promise<NameSettings> {
  const [conf, hosts] = await Promise.all([readText(resolvConf), readText(hostsFile)]);
  return { ...parseResolvConf(conf), hosts };
}

/** What `resolv.conf` says of servers and of search domains. */
export function parseResolvConf(text: string): Pick<NameSettings, 'servers' | 'search'> {
  const servers: DnsServer[] = [];
  let search: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [key, ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    const [first] = values;
    if (key === 'nameserver' && first !== undefined && isIP(first) !== 0)
      servers.push({ host: first, port: DNS_PORT });
    if (key === 'search' || key === 'domain') search = values.map(withoutLastDot).filter((one) => one !== '');
  }
  return { servers: servers.length > 0 ? servers : [{ host: '127.0.0.1', port: DNS_PORT }], search };
}

/** The addresses that a hosts file has for a name. `localhost` is this machine in any case (RFC 6761 §6.3). */
export function addressesInHosts(text: string, name: string): readonly string[] {
  const wanted = withoutLastDot(name).toLowerCase();
  const found = text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const isIt = isIP(address) !== 0 && names.some((one) => withoutLastDot(one).toLowerCase() === wanted);
    return isIt ? [address] : [];
  });
  return found.length === 0 && wanted === 'localhost' ? ['127.0.0.1'] : found;
}

/** `host:port` as the configuration writes it, IPv6 in brackets. */
export function parseServer(text: string): DnsServer {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

function withoutLastDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // then it says nothing, as for everybody else on this machine
  }
}

const DNS_PORT = 53;
