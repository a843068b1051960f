import { ipFamily } from './ip.ts';
import { type Parsed, refused, understood } from './parsed.ts';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** The host that a route answers to, in lower case: exact, `*.suffix` or `*`. Without port: listeners have ports. */
export function parseHostPattern(text: string): Parsed<string> {
  const host = text.toLowerCase();
  if (host === '*' || ipFamily(host) === 'ipv4') return understood(host);
  if (host.startsWith('[') && host.endsWith(']')) {
    return ipFamily(host.slice(1, -1)) === 'ipv6' ? understood(host) : refused('is not an IPv6 address');
  }
  if (host.includes(':')) return refused('has a port or scheme; listeners have ports', bareHost(host));
  const name = host.startsWith('*.') ? host.slice(2) : host;
  if (name.includes('*')) return refused('has a * elsewhere than in front of the first dot');
  const isName = name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
  return isName ? understood(host) : refused('is not a host name');
}

function bareHost(host: string): string | undefined {
  const [, name] = /^(?:[a-z]+:\/\/)?([a-z0-9_.-]+)(?::\d+)?\/?$/.exec(host) ?? [];
  return name;
}
