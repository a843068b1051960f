import { BlockList, isIP } from 'node:net';

/** What kind of place an address is in. Nothing that is `forbidden` is ever called because somebody else named it. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'forbidden';

/**
 * The kind of an address. Link-local addresses, where clouds hand out credentials, and those that belong to nobody are
 * forbidden. An IPv4 address inside of an IPv6 one counts as what it is.
 */
export function addressKind(address: string): AddressKind {
  const family = FAMILIES[isIP(address)];
  if (family === undefined) return 'forbidden';
  if (LOOPBACK.check(address, family)) return 'loopback';
  if (FORBIDDEN.check(address, family)) return 'forbidden';
  return PRIVATE.check(address, family) ? 'private' : 'public';
}

const FAMILIES: Readonly<Record<number, 'ipv4' | 'ipv6'>> = { 4: 'ipv4', 6: 'ipv6' };

const LOOPBACK = blocks(['127.0.0.0/8'], ['::1/128']);

const PRIVATE = blocks(
  ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15'],
  ['64:ff9b:1::/48', 'fc00::/7'],
);

const FORBIDDEN = blocks(
  [
    '0.0.0.0/8',
    '100.100.100.200/32', // credentials at Alibaba
    '169.254.0.0/16',
    '192.0.0.0/24', // credentials at Oracle
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  [
    '::/96', // IPv4 as it was once written
    '2001::/32', // Teredo: IPv4 in disguise
    '2002::/16', // 6to4: the same
    'fd00:ec2::/32', // credentials at Amazon
    'fe80::/10',
    'fec0::/10',
    'ff00::/8',
  ],
);

/** The list also holds the IPv4 blocks as IPv6 writes them: mapped (RFC 4291 §2.5.5.2) and translated (RFC 6052 §2.1). */
function blocks(ipv4: readonly string[], ipv6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [network, length] of ipv4.map(parts)) {
    list.addSubnet(network, length, 'ipv4');
    list.addSubnet(`::ffff:${network}`, 96 + length, 'ipv6');
    list.addSubnet(`64:ff9b::${network}`, 96 + length, 'ipv6');
  }
  for (const [network, length] of ipv6.map(parts)) list.addSubnet(network, length, 'ipv6');
  return list;
}

function parts(block: string): [network: string, length: number] {
  const [network = '', length = ''] = block.split('/');
  return [network, Number(length)];
}
