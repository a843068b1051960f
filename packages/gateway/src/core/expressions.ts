import type { Exchange, Reply } from './exchange.ts';

/**
 * Makes expressions of the configuration ready for the exchanges of one route. What one gives is null where it comes to
 * nothing, because something is missing or of another type.
 */
export interface Expressions {
  condition(text: string): (exchange: Exchange) => boolean | null;
  /** A number that is never negative. One about responses gets the reply. */
  amount(text: string): (exchange: Exchange, reply: Reply | null) => number | null;
  text(text: string): (exchange: Exchange) => string | null;
}
