import type { SplitConfig } from '@turnpike/config';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { sideCookie } from './side-cookie.ts';
import { chosenByWeight, type Side } from './sides.ts';

/** What the target works with. */
export interface SplitPorts {
  /** The rest of the way to a service. */
  readonly towards: (service: string) => Handler;
  readonly random: Random;
  /** Signs cookies where the configuration has no secret for them; null: nothing needs it. */
  readonly stickyKey: Uint8Array | null;
}

/**
 * Shares the requests of a route among services by weight: for a new version that is to see a few of them, say.
 *
 * A trusted proxy may name the side in a header, also one of weight 0. Otherwise a caller stays where its cookie says, as long as
 * that side has a weight at all: when weights change, only those move whose side is gone. A new caller is sent by chance.
 */
export function split(config: SplitConfig, route: string, ports: SplitPorts): Handler {
  const { random } = ports;
  const sides = config.sides.map(({ service, weight }): Side => ({
    service,
    weight,
    handler: ports.towards(service),
  }));
  const pick = chosenByWeight(sides, random);
  const named = namedBy(config.override, sides);
  const cookie = config.sticky === null ? null : sideCookie(config.sticky, { route, sides }, ports.stickyKey);

  async function sendAnew(exchange: Exchange, keep: (reply: Reply, side: Side) => Reply): Promise<Reply> {
    const side = pick();
    return keep(await sendTo(exchange, side), side);
  }

  return (exchange) => {
    const known = named(exchange) ?? cookie?.read(exchange) ?? null;
    if (known !== null) return sendTo(exchange, known);
    if (cookie === null) return sendTo(exchange, pick());
    return sendAnew(exchange, (reply, side) => cookie.keep(exchange, reply, side));
  };
}

function sendTo(exchange: Exchange, { service, handler }: Side): Promise<Reply> {
  exchange.record.service = service;
  return handler(exchange);
}

/** The side that a trusted proxy names; what others write in this header is not believed. */
function namedBy(header: string | null, sides: readonly Side[]): (exchange: Exchange) => Side | null {
  if (header === null) return () => null;
  return ({ fromTrustedProxy, headers }) => {
    const name = fromTrustedProxy ? headers.get(header) : undefined;
    return name === undefined ? null : (sides.find(({ service }) => service === name) ?? null);
  };
}
