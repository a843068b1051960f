/** One endpoint of a service, with its place in shared memory. */
export interface EndpointEntry {
  /** Normalised, with the port written out. */
  readonly url: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** 0: drained, gets nothing new. */
  readonly weight: number;
  readonly zone: string | null;
  /** Those of 0 first. */
  readonly priority: number;
  /** About to go: only callers that are bound to it may still come. */
  readonly isDraining: boolean;
  /** Its line in the `EndpointStates`. */
  readonly slot: number;
}

/** All endpoints of a service as they are known now. */
export interface EndpointSet {
  /** Counts the changes. */
  readonly version: number;
  readonly endpoints: readonly EndpointEntry[];
}
