import type { Clock, Log } from '../core/ports.ts';
import type { Random } from '../core/random.ts';

/** How an authority is called. */
export interface AcmeHttp {
  request(
    url: string,
    request: {
      readonly method?: 'GET' | 'POST';
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly timeoutMs?: number;
      readonly authorities?: string | null;
      readonly signal?: AbortSignal;
    },
  ): Promise<{
    readonly status: number;
    /** Names in lower case. */
    readonly headers: ReadonlyMap<string, string>;
    readonly text: string;
  }>;
}

/** What orders work with. */
export interface AcmePorts {
  readonly http: AcmeHttp;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Resolves after so many milliseconds, or when the signal aborts; never rejects. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}
