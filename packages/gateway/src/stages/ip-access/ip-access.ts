import type { IpAccessConfig } from '@turnpike/config';
import type { AddressLists } from '../../core/addresses/address-lists.ts';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { addressRule } from './address-rule.ts';

/** What the stage reaches the world through. */
export interface IpAccessPorts {
  readonly addresses: AddressLists;
  readonly decisions: DecisionsOf;
}

/**
 * Turns clients away by address, before anything costly runs. Who is denied stays out, whatever else allows it.
 *
 * A list that was never loaded has nobody in it: as part of `allow` it lets nobody in, as part of `deny` it keeps nobody
 * out, and then each client that passes is counted as `list-unknown`.
 */
export function ipAccess(
  config: IpAccessConfig | null,
  { addresses, decisions }: IpAccessPorts,
): Wrapper | null {
  if (config === null) return null;
  const deny = addressRule(config.deny, addresses);
  const allow = config.allow === null ? null : addressRule(config.allow, addresses);
  const count = decisions('ipAccess');
  const isReport = config.mode === 'report';

  return (next) => (exchange) => {
    const denied = deny(exchange.client);
    if (denied !== 'in' && (allow === null || allow(exchange.client) === 'in')) {
      if (denied === 'unknown') count.failed('list-unknown');
      else count.allowed();
      return next(exchange);
    }
    const { reason, rule } = denied === 'in' ? DENIED : NOT_ALLOWED;
    if (isReport) {
      count.reported(reason);
      return next(exchange);
    }
    count.denied(reason);
    return Promise.resolve(refuse(exchange, 'IP_DENIED', { rule }));
  };
}

const DENIED = { reason: 'denied', rule: 'ipAccess.deny' } as const;
const NOT_ALLOWED = { reason: 'not-allowed', rule: 'ipAccess.allow' } as const;
