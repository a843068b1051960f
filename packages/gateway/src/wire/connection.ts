import type { SocketUser } from './accept.ts';
import type { ConnectionPlan } from './http1/connection-plan.ts';

/** A client connection, as its listener sees it: plain, or with something around it. */
export interface Connection extends SocketUser {
  /** From the next request on. */
  replan(plan: ConnectionPlan): void;
  /** Ends politely: the exchange under way, or the next one, is the last. */
  drain(): void;
  /** Nothing is under way. */
  readonly isIdle: boolean;
  /** Ends now if nothing is under way; tells whether it did. */
  closeIfIdle(): boolean;
}
