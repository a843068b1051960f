import { BlockList } from 'node:net';
import type { AddressBlock } from '@turnpike/config';
import type { ClientAddress } from './exchange.ts';

/** Tells whether an address lies in one of the blocks. */
export function addressSet(blocks: readonly AddressBlock[]): (address: ClientAddress) => boolean {
  if (blocks.length === 0) return () => false;
  const list = new BlockList();
  for (const { address, prefixLength, family } of blocks) list.addSubnet(address, prefixLength, family);
  return ({ address, family }) => list.check(address, family);
}
