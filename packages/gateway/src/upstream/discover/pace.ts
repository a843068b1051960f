/** When the next publication may be: the first at once, then not too many. */
export interface Pace {
  /** The earliest moment for it. */
  readonly dueMs: number;
  /** Notes that there was one, of so many endpoints. */
  passed(nowMs: number, size: number): void;
}

/**
 * Keeps bursts from costing every thread a new set for each change: after a publication there is none for 100 ms, and for large
 * sets none for as long as it takes the threads to take them over.
 */
export function pace(): Pace {
  let dueMs = Number.NEGATIVE_INFINITY;
  return {
    get dueMs() {
      return dueMs;
    },
    passed: (nowMs, size) => {
      dueMs = nowMs + Math.max(LEAST_PAUSE_MS, size / ENDPOINTS_PER_MS);
    },
  };
}

const LEAST_PAUSE_MS = 100;
const ENDPOINTS_PER_MS = 20;
