import type { SilenceView } from '../observe/alerts/silence.ts';

/** What the admin API can ask about alerts, and have it do. */
export interface AlertPort {
  /** Where each alert stands. */
  readonly views: readonly { readonly alert: string }[];
  /** Those that were asked for while the gateway ran, and are not over. */
  readonly silences: readonly SilenceView[];
  silence(wish: {
    readonly alert: string;
    readonly reason: string;
    readonly author: string;
    readonly forMs: number;
  }): Promise<SilenceView | 'full' | 'away'>;
  end(id: string): Promise<'ended' | 'unknown' | 'away'>;
}
