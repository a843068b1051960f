/** How the process runs. */
export interface RuntimeConfig {
  /** 0: one per core. */
  readonly threads: number;
  /** Where this gateway is; endpoints there are preferred. */
  readonly zone: string | null;
  readonly drainTimeoutMs: number;
  /** Threads shed when they are overloaded themselves. */
  readonly selfProtection: boolean;
  /** Absolute; where the last known good snapshot is kept. */
  readonly stateDirectory: string;
  /** PEM text of the private key with which `forwardIdentity: jwt` signs; `null`: one of our own in `stateDirectory`. */
  readonly signingKey: string | null;
}
