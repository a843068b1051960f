import type { TapWish } from '../core/live-tap.ts';

/** What somebody wants to watch. */
export interface TapOrder {
  readonly wish: TapWish;
  /** CEL over `line`, or null. */
  readonly filter: string | null;
}

/** Where lines go. */
export interface TapSink {
  /** Whether what was written has been taken. */
  isReady(): boolean;
  write(text: string): void;
}

/** Somebody watches. */
export interface TapWatch {
  /** There is room again. */
  drained(): void;
  /** Nobody watches any more. */
  end(): void;
}

/** What came of an order. */
export type TapStart =
  | { readonly kind: 'open'; readonly begin: (sink: TapSink) => TapWatch }
  | { readonly kind: 'bad-filter'; readonly problem: string }
  /** Enough people watch already. */
  | { readonly kind: 'full' };

/** Requests as they end. */
export interface LivePort {
  open(order: TapOrder): Promise<TapStart>;
}
