/** So many failures in such a time, and the store counts as failed for so long; then one call probes it. */
const FAILURES = 3;
const WITHIN_MS = 1000;
const OPEN_MS = 5000;

/** What fails in the same moment has the same cause, and counts once. */
const MOMENT_MS = 10;

type State =
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly untilMs: number }
  /** One call is under way that decides. */
  | { readonly is: 'half-open' };

/** Keeps requests from waiting for a store that does not answer. Each thread has its own. */
export class StoreBreaker {
  #state: State = { is: 'closed' };
  /** When the last failures were. */
  #failedAtMs: readonly number[] = [];

  /** Whether calls can be made at will. */
  get isClosed(): boolean {
    return this.#state.is === 'closed';
  }

  /** Whether a call may be made now. When it is time for a probe, this call is it. */
  mayCall(nowMs: number): boolean {
    if (this.#state.is === 'closed') return true;
    if (this.#state.is === 'half-open' || nowMs < this.#state.untilMs) return false;
    this.#state = { is: 'half-open' };
    return true;
  }

  /** A call was answered in time. True if that closes the breaker; while it is open, the call is one from before. */
  succeeded(): boolean {
    if (this.#state.is !== 'half-open') return false;
    this.#state = { is: 'closed' };
    this.#failedAtMs = [];
    return true;
  }

  /** A call was not answered in time, or with an error. True if that opens the breaker. */
  failed(nowMs: number): boolean {
    if (this.#state.is === 'open') return false;
    const recent = this.#failedAtMs.filter((at) => nowMs - at < WITHIN_MS);
    if (nowMs - (recent.at(-1) ?? -Infinity) >= MOMENT_MS) recent.push(nowMs);
    this.#failedAtMs = recent;
    if (this.#state.is === 'closed' && recent.length < FAILURES) return false;
    this.#state = { is: 'open', untilMs: nowMs + OPEN_MS };
    return true;
  }
}
