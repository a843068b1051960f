import type { GatewayConfig } from '@turnpike/config';
import type { Loader } from '@turnpike/config/load';
import type { Steering } from '../admin/steering.ts';
import type { ProcessLog } from '../observe/process-log.ts';
import type { Patience } from './running-thread.ts';

/** Where the configuration comes from: files and directories that are loaded again when they change, or the caller. */
export type ConfigOrigin =
  | {
      readonly paths: readonly string[];
      /** Keeps what it parsed, so it is worth handing in the one that has checked the files before. */
      readonly load?: Loader;
    }
  | { readonly config: GatewayConfig };

/** How a supervisor is started. */
export type SuperviseOptions = ConfigOrigin & {
  readonly log: ProcessLog;
  /** Of Turnpike, for the metrics and the admin API. */
  readonly version: string;
  /** Reload when a file changes. On unless told otherwise. */
  readonly watch?: boolean;
  /** Start with the last known good if the configuration has errors. Off unless told otherwise. */
  readonly lastGood?: boolean;
  /**
   * Where the last known good is kept, in place of `runtime.stateDirectory`. Worth setting where the configuration sets
   * another than the default: one that cannot be read cannot say where its predecessor is.
   */
  readonly stateDirectory?: string;
  /** How long a gateway that stops still takes connections. A quarter of the drain timeout, at most 5 s, unless told otherwise. */
  readonly preStopMs?: number;
  /** Steers it from beyond this process. */
  readonly steering?: Steering;
  /** Given, once and early, what takes the secrets of the configurations in use and loaded last out of a text: for the log. */
  readonly onRedact?: (redact: (text: string) => string) => void;
  /** For tests: what the threads run, and how long they may be silent. */
  readonly internals?: { readonly entry?: URL; readonly patience?: Patience };
};
