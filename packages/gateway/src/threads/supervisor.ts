import type { GatewayConfig } from '@turnpike/config';
import type { ReloadResult } from './reload-result.ts';

/** A running gateway. */
export interface Supervisor {
  /** The real port of each listener, by its id. */
  readonly ports: ReadonlyMap<string, number>;
  /** `null`: no admin API. */
  readonly adminPort: number | null;
  /** The configuration in use. It holds secrets. */
  readonly config: GatewayConfig;
  readonly revision: number;
  /** Whether there is a data thread that serves, be it on its way out. */
  readonly isServing: boolean;
  /** Loads the configuration again; resolves when all threads use it, or none. `reason` is for the log. */
  reload(reason: string): Promise<ReloadResult>;
  /** Opens log files anew, after they were rotated. */
  reopenLogs(): void;
  /** Stops without cutting anything, if time allows; gives the exit code: 0, or 3 when something was cut. */
  stop(signal: StopSignal): Promise<number>;
}

/** Why a gateway stops. */
export type StopSignal = 'SIGTERM' | 'SIGINT';

/** Exit code of a gateway that had to cut requests when it stopped. */
export const EXIT_CUT = 3;
