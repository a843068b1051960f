import type { Priority } from '@turnpike/config';
import type { Exchange, Reply } from './exchange.ts';

/** Why an exchange does not get to its service now. */
export type ShedReason = 'limit' | 'queue-full' | 'queue-timeout' | 'fair-share';

/** An exchange that has to go. */
export interface Shed {
  readonly reason: ShedReason;
  /** There was room, but not for its priority. */
  readonly isByPriority: boolean;
}

/** Whether an exchange gets to its service. */
export type Entry = 'inside' | Shed;

/** The visit of one exchange to its service. */
export interface Visit {
  /** Null: that is not certain yet, see `wait`. */
  enter(): Entry | null;
  /** Waits for a place, not for long. Rejects when the exchange is cancelled meanwhile. */
  wait(): Promise<Entry>;
  /** The head of the reply is there. To be said once, or `failed`, by who got inside. */
  answered(reply: Reply): void;
  failed(error: unknown): void;
}

/** Lets the exchanges of one route to its service, as many as that can do at once. */
export interface Gate {
  visit(exchange: Exchange, priority: Priority): Visit;
}

/** Why a thread has to do less. */
export type Strain = 'lag' | 'memory';

/** Counts an exchange that was sent away because there was too much to do. */
export type CountShed = (reason: ShedReason | Strain, priority: Priority) => void;

/** How a thread protects itself. */
export interface SelfProtection {
  /** Why requests of this priority are not served at the moment, or null. */
  sheds(priority: Priority): Strain | null;
}
