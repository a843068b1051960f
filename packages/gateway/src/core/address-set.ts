import type { AddressBlock } from '@turnpike/config';
import { openAddresses } from './addresses/address-table.ts';
import { compileAddresses } from './addresses/compile-addresses.ts';
import type { ClientAddress } from './exchange.ts';

/** Tells whether an address lies in one of the blocks. For one thread; tables that all share are opened by each. */
export function addressSet(blocks: readonly AddressBlock[]): (address: ClientAddress) => boolean {
  const table = openAddresses(compileAddresses(blocks));
  return (address) => table.has(address);
}
