import type { AddressRuleConfig } from '@turnpike/config';
import type { AddressLists } from '../../core/addresses/address-lists.ts';
import { openAddresses } from '../../core/addresses/address-table.ts';
import { compileAddresses } from '../../core/addresses/compile-addresses.ts';
import type { ClientAddress } from '../../core/exchange.ts';

/** Whether a rule names an address; unknown when one of its lists was never loaded and nothing else names it. */
export type Membership = 'in' | 'out' | 'unknown';

/** Makes the test of a rule. It sees each list as it is at the moment. */
export function addressRule(
  { blocks, lists }: AddressRuleConfig,
  known: AddressLists,
): (client: ClientAddress) => Membership {
  const inPlace = openAddresses(compileAddresses(blocks));

  return (client) => {
    if (inPlace.has(client)) return 'in';
    let otherwise: Membership = 'out';
    for (const name of lists) {
      const list = known.get(name);
      if (list === null) otherwise = 'unknown';
      else if (list.has(client)) return 'in';
    }
    return otherwise;
  };
}
