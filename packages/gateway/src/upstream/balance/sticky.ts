import type { Exchange, PickReason } from '../../core/exchange.ts';
import type { Balancer } from './balancer.ts';
import type { Tried } from './candidates.ts';
import type { EndpointStates } from './endpoint-states.ts';
import { UNBOUND, type StickyCookie } from './sticky-cookie.ts';

/** What a sticky balancer is made of. */
export interface StickyParts {
  readonly cookie: StickyCookie;
  /** Line in the `EndpointStates` of every endpoint. */
  readonly slots: readonly number[];
  readonly states: EndpointStates;
  /** For callers that are bound to nobody, or whose endpoint cannot be used. */
  readonly otherwise: Balancer;
}

/**
 * Callers stay with the endpoint that their cookie names, drained ones and those that asked for a pause included: their
 * session is there. It has to be left only when it is gone, down, or has failed in this exchange; then the caller gets a new
 * one, and a new cookie, and does not come back.
 */
export function stickyBalancer({ cookie, slots, states, otherwise }: StickyParts): Balancer {
  let reason: PickReason = 'sticky';

  function pick(tried: Tried, nowMs: number, exchange: Exchange): number {
    const bound = cookie.boundTo(exchange);
    const slot = slots[bound];
    if (slot !== undefined && !tried.includes(bound) && !states.isDown(slot, nowMs)) {
      reason = 'sticky';
      return bound;
    }
    const index = otherwise.pick(tried, nowMs, exchange);
    reason = bound === UNBOUND || otherwise.reason === 'panic' ? otherwise.reason : 'moved';
    return index;
  }

  return {
    pick,
    get reason() {
      return reason;
    },
    get medianUs() {
      return otherwise.medianUs;
    },
    cookieFor: (index, exchange) => cookie.setCookie(index, exchange),
  };
}
