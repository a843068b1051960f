import type { Random } from './random.ts';

/** Why streams have to go: the gateway ends, or their route or listener is there no more. */
export type FarewellCause = 'drain' | 'reload';

/** Something that is open for so long that it has to be told when the gateway ends. */
export interface OpenStream {
  /** Id of its route. */
  readonly route: string;
  readonly kind: 'websocket' | 'event-stream';
  /** Says goodbye after that time, and ends. */
  leave(cause: FarewellCause, afterMs: number): void;
}

/** When those that have to go do. */
interface Farewell {
  readonly cause: FarewellCause;
  /** The last of them says goodbye that late. */
  readonly spreadMs: number;
  /** How long each waits for an answer. */
  readonly answerMs: number;
}

/** Clients come back when they are told to go: so many of each thread in a second are what services can take. */
const GOODBYES_PER_SECOND = 250;
const ANSWER_MS = 5000;
const LAST_CALL_MS = 1000;
const AFTER_RELOAD: Farewell = { cause: 'reload', spreadMs: 10_000, answerMs: ANSWER_MS };

/**
 * The streams of a thread that are open for long. They hear here when it is time to go, each at its own moment: ten thousand
 * that are told at once would come back at once.
 */
export class OpenStreams {
  readonly #open = new Set<OpenStream>();
  readonly #random: Random;
  #farewell: Farewell = AFTER_RELOAD;
  /** When those that go on for as long as they can have to end all the same: shortly before they would be cut. */
  lastCallAtMs = Infinity;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** How long one that says goodbye waits for the answer. */
  get answerMs(): number {
    return this.#farewell.answerMs;
  }

  add(stream: OpenStream): void {
    this.#open.add(stream);
  }

  delete(stream: OpenStream): void {
    this.#open.delete(stream);
  }

  /** The thread ends within that time: who leaves from now on leaves for that, in the first half of it. */
  drain(withinMs: number, nowMs: number): void {
    this.lastCallAtMs = nowMs + withinMs - Math.min(LAST_CALL_MS, withinMs / 4);
    this.#farewell = {
      cause: 'drain',
      spreadMs: withinMs / 2,
      answerMs: Math.min(ANSWER_MS, withinMs / 4),
    };
  }

  /** The connection of this one is about to end. */
  leave(stream: OpenStream): void {
    const { cause, spreadMs } = this.#farewell;
    const neededMs = (this.#open.size * 1000) / GOODBYES_PER_SECOND;
    stream.leave(cause, this.#random.unit() * Math.min(spreadMs, neededMs));
  }

  /** Other routes are in use: those whose route is not among them leave. */
  keep(isKept: (stream: OpenStream) => boolean): void {
    for (const stream of this.#open) if (!isKept(stream)) this.leave(stream);
  }
}
