import type { Clock, Log } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';

/** An endpoint as a registry tells of it. */
export interface FoundEndpoint {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: drained. */
  readonly weight: number;
  readonly zone: string | null;
  /** Those of 0 first. */
  readonly priority: number;
  /** About to go: only callers that are bound to it may still come. */
  readonly isDraining: boolean;
}

/** Who hears what a source finds. Endpoints are always all that there are, in any order. */
export interface SourceEvents {
  /** `version` is what the registry calls this state, for people. */
  found(endpoints: readonly FoundEndpoint[], version: string): void;
  /** It did not answer, or not with sense; what was found before may still be true. For logs and the admin API: no secrets. */
  failed(problem: string): void;
}

/** A watch over the endpoints of one service. It never ends by itself: it tries again until it is closed. */
export interface EndpointSource {
  /** Looks again now, as far as it can: a connection failed, or somebody asked. */
  refresh(): void;
  /** Resolves when nothing of it is under way any more; no event comes after that. */
  close(): Promise<void>;
}

/** One request to a registry. */
export interface WebRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** PEM text of the authorities that vouch for it; null: those of the system. */
  readonly authorities?: string | null;
}

/** How registries are called. Rejects with an error whose message names what failed, without secrets. */
export interface Web {
  request(
    url: string,
    request?: WebRequest,
  ): Promise<{
    readonly status: number;
    readonly headers: ReadonlyMap<string, string>;
    readonly text: string;
  }>;
  /**
   * An answer that goes on: its lines as they come, each of at most `maxBytes`. Ends when the other side ends it; rejects when
   * it breaks off, or is silent for `silenceMs`.
   */
  lines(
    url: string,
    request: WebRequest & { readonly silenceMs: number },
  ): Promise<{ readonly status: number; readonly lines: AsyncIterable<string> }>;
}

/** What sources reach the world through. */
export interface SourcePorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly web: Web;
  /** Resolves after that time, or rejects when the signal says stop. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Calls back when one of the files has changed, as far as changes can be seen. */
  readonly watch: (
    paths: readonly string[],
    onChange: () => void,
  ) => Promise<{ readonly close: () => Promise<void> }>;
}
