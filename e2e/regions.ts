import { execFileSync } from 'node:child_process';
import { namespace, type Namespace } from './drills/namespace.ts';

/** Why there can be no regions here, or false: for `skip` of a test. */
export function withoutRegions(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'network namespaces need root on Linux';
  try {
    ip('netns', 'list');
    return false;
  } catch {
    return 'there is no `ip` (iproute2), or it may not make network namespaces';
  }
}

/** How a region is cut off. */
export type Cut =
  /** The line between the regions is down. */
  | 'line'
  /** What is sent to the other region gets lost, without a word. */
  | 'silence'
  /** There is no way to the other region, which is told at once. */
  | 'refusal';

/** Two regions of two hosts each. This machine is a host of the first one; clients reach all hosts at all times. */
export interface Regions {
  /** Two of region A, and then two of region B. */
  readonly hosts: readonly Namespace[];
  /** Of this machine, in the network of the hosts. */
  readonly address: string;
  /** An address with the length of its prefix. */
  readonly network: string;
  cut(how: Cut): void;
  heal(how: Cut): void;
  remove(): void;
}

const NETWORK = '198.19.0';
const HERE = `${NETWORK}.1`;
/** Drills have hosts with lower numbers. */
const FIRST_HOST = 11;
/** A station that nobody has. */
const NOBODY = '02:00:00:00:00:99';

/** Makes them, of virtual interfaces, bridges and network namespaces. */
export function twoRegions(): Regions {
  const tag = String(process.pid % 10_000);
  const [a, b] = [`turnpike-${process.pid}-a`, `turnpike-${process.pid}-b`];
  for (const bridge of [a, b]) addBridge(bridge);
  // The line between the two.
  ip('-n', a, 'link', 'add', 'line', 'type', 'veth', 'peer', 'name', 'line', 'netns', b);
  for (const bridge of [a, b]) plugIn(bridge, 'line');
  const here = `tph${tag}`;
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'here', 'netns', a);
  plugIn(a, 'here');
  ip('address', 'add', `${HERE}/24`, 'dev', here);
  ip('link', 'set', here, 'up');
  const hosts = [a, a, b, b].map((bridge, index) => joined(namespace(FIRST_HOST + index), bridge, index));
  const distant = hosts.slice(2).map(({ name }) => name);
  return {
    hosts: hosts.map(({ host }) => host),
    address: HERE,
    network: `${NETWORK}.0/24`,
    cut: (how) => CUTS[how].cut(distant, b),
    heal: (how) => CUTS[how].heal(distant, b),
    remove() {
      for (const { host } of hosts) host.remove();
      ip('link', 'delete', here);
      for (const bridge of [a, b]) ip('netns', 'delete', bridge);
    },
  };
}

const CUTS: Readonly<
  Record<Cut, Readonly<Record<'cut' | 'heal', (hosts: readonly string[], bridge: string) => void>>>
> = {
  line: {
    cut: (_hosts, bridge) => ip('-n', bridge, 'link', 'set', 'line', 'down'),
    heal: (_hosts, bridge) => ip('-n', bridge, 'link', 'set', 'line', 'up'),
  },
  silence: {
    cut: (hosts) => {
      for (const name of hosts)
        ip('-n', name, 'neigh', 'replace', HERE, 'lladdr', NOBODY, 'dev', 'region', 'nud', 'permanent');
    },
    heal: (hosts) => {
      for (const name of hosts) ip('-n', name, 'neigh', 'delete', HERE, 'dev', 'region');
    },
  },
  refusal: {
    cut: (hosts) => {
      for (const name of hosts) ip('-n', name, 'route', 'add', 'unreachable', `${HERE}/32`);
    },
    heal: (hosts) => {
      for (const name of hosts) ip('-n', name, 'route', 'delete', 'unreachable', `${HERE}/32`);
    },
  },
};

function addBridge(name: string): void {
  ip('netns', 'add', name);
  ip('-n', name, 'link', 'add', 'bridge', 'type', 'bridge');
  ip('-n', name, 'link', 'set', 'bridge', 'up');
}

function plugIn(bridge: string, interfaceName: string): void {
  ip('-n', bridge, 'link', 'set', interfaceName, 'master', 'bridge');
  ip('-n', bridge, 'link', 'set', interfaceName, 'up');
}

/** A host with another interface, in the network of the regions. */
function joined(
  host: Namespace,
  bridge: string,
  index: number,
): { readonly host: Namespace; readonly name: string } {
  const name = host.command.at(-1) ?? '';
  ip('-n', name, 'link', 'add', 'region', 'type', 'veth', 'peer', 'name', `host${index}`, 'netns', bridge);
  plugIn(bridge, `host${index}`);
  ip('-n', name, 'address', 'add', `${NETWORK}.${FIRST_HOST + index}/24`, 'dev', 'region');
  ip('-n', name, 'link', 'set', 'region', 'up');
  return { host, name };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
