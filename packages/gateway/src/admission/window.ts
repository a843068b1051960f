/** What the requests of a short time have shown. */
export interface Window {
  /** How many times longer they took than they do unloaded. */
  readonly ratio: number;
  readonly samples: number;
  /** The most that was in flight. */
  readonly peak: number;
  /** How many found no place at once. */
  readonly pushed: number;
  /** Most of the samples were of classes whose baseline is not known. */
  readonly isUnsure: boolean;
  readonly nowMs: number;
}
