import { write, writeSync } from 'node:fs';
import { LineBytes } from './line-bytes.ts';
import { MAX_LINE_BYTES } from './line-parts.ts';
import type { Destination } from './log-destination.ts';

/** Who hears that lines are lost, or will be. */
export interface LossListener {
  /** `problem` is what the system says, such as `ENOSPC`; `''`: the destination is only too slow. */
  readonly whenDropped: (lines: number, problem: string) => void;
  /** From now on the destination takes nothing. */
  readonly whenFailing: (error: unknown) => void;
}

/**
 * Collects lines and writes them in large pieces, without ever making the caller wait.
 *
 * Two buffers of 4 MiB: lines go into one while the other is written. When both are full, lines are dropped and counted. What
 * could not be written is kept and tried again, so that a disk that was full for a while costs only what did not fit.
 */
export class LineWriter {
  readonly #open: () => Destination;
  readonly #losses: LossListener;
  /** Since then the destination takes nothing, but for one that is only full for a moment; `''`: it does. */
  #problem = '';
  readonly #flushTimer: NodeJS.Timeout;
  #retryTimer: NodeJS.Timeout | null = null;
  #retryMs = MIN_RETRY_MS;
  #destination: Destination;

  #filling = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;
  #sending = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #sent = 0;
  #sendingEnd = 0;

  readonly #line = new LineBytes(this.#filling);
  #isArmed = false;
  #isClosed = false;
  /** A write of the thread pool is under way: its buffer and its descriptor must stay. */
  #isWriting = false;
  /** Waits for the end of that write to change the destination. */
  #changeOver: { readonly next: Destination; readonly done: readonly (() => void)[] } | null = null;
  #whenEmpty: (() => void) | null = null;
  #dropped = 0;
  #droppedTold = 0;

  constructor(open: () => Destination, losses: LossListener) {
    this.#open = open;
    this.#losses = losses;
    this.#destination = open();
    this.#flushTimer = setTimeout(() => this.#tick(), FLUSH_INTERVAL_MS).unref();
  }

  /** Lines lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Where the next line is to be written, which {@link end} takes; null: there is no room, and it is counted. */
  begin(): LineBytes | null {
    const hasRoom = this.#filled + LINE_ROOM <= BUFFER_BYTES || this.#swap();
    if (!this.#isArmed) this.#arm();
    if (!hasRoom || this.#isClosed) {
      this.#dropped++;
      return null;
    }
    this.#line.bytes = this.#filling;
    this.#line.pos = this.#filled;
    return this.#line;
  }

  /** The line that was begun is there, with its line feed. */
  end(): void {
    const { pos } = this.#line;
    if (pos - this.#filled > MAX_LINE_BYTES) this.#dropped++;
    else this.#filled = pos;
    if (this.#filled > FLUSH_BYTES) this.#swap();
  }

  /**
   * Changes over to what the path names now; resolves when nothing is written to the old any more. Throws, and goes on with the
   * old, if the new cannot be opened. One that is still about to change over changes to the newest.
   */
  async reopen(): Promise<void> {
    if (this.#isClosed) return;
    const next = this.#open();
    if (!this.#isWriting) {
      this.#adopt(next);
      return;
    }
    await new Promise<void>((resolve) => {
      const { next: overtaken, done = [] } = this.#changeOver ?? {};
      overtaken?.close();
      this.#changeOver = { next, done: [...done, resolve] };
    });
  }

  /** Writes what is left and closes. What the destination does not take within `graceMs` counts as dropped. */
  async close(graceMs: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#swap();
    if (this.#isPending()) await this.#emptied(graceMs);
    clearTimeout(this.#flushTimer);
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#dropped +=
      lineCount(this.#sending, this.#sent, this.#sendingEnd) + lineCount(this.#filling, 0, this.#filled);
    this.#tellDropped();
    if (!this.#isWriting) this.#destination.close();
  }

  #emptied(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = setTimeout(resolve, graceMs);
      this.#whenEmpty = () => {
        clearTimeout(giveUp);
        resolve();
      };
    });
  }

  #isPending(): boolean {
    return this.#sent < this.#sendingEnd || this.#filled > 0;
  }

  #arm(): void {
    this.#isArmed = true;
    this.#flushTimer.refresh();
  }

  #tick(): void {
    this.#isArmed = false;
    if (this.#filled > 0 && !this.#swap()) this.#arm();
    this.#tellDropped();
  }

  #tellDropped(): void {
    const lines = this.#dropped - this.#droppedTold;
    this.#droppedTold = this.#dropped;
    if (lines > 0) this.#losses.whenDropped(lines, this.#problem);
  }

  /** Begins to send what was filled; false while the other buffer is not yet sent. */
  #swap(): boolean {
    if (this.#sent < this.#sendingEnd) return false;
    const empty = this.#sending;
    this.#sending = this.#filling;
    this.#sent = 0;
    this.#sendingEnd = this.#filled;
    this.#filling = empty;
    this.#filled = 0;
    this.#send();
    return true;
  }

  #send(): void {
    const { fd, kind } = this.#destination;
    if (this.#sent === this.#sendingEnd) {
      this.#allSent();
    } else if (kind === 'pipe') {
      this.#sendNow(fd);
    } else {
      const end = kind === 'file' ? this.#sendingEnd : pieceEnd(this.#sending, this.#sent, this.#sendingEnd);
      this.#isWriting = true;
      write(fd, this.#sending, this.#sent, end - this.#sent, null, (error, bytes) =>
        this.#written(error, bytes),
      );
    }
  }

  /** On the spot: a trip to the thread pool for each small piece would be too slow for a busy event loop. */
  #sendNow(fd: number): void {
    try {
      while (this.#sent < this.#sendingEnd) {
        const end = pieceEnd(this.#sending, this.#sent, this.#sendingEnd);
        this.#advance(writeSync(fd, this.#sending, this.#sent, end - this.#sent));
      }
    } catch (error) {
      this.#retryLater(error);
      return;
    }
    this.#allSent();
  }

  #written(error: NodeJS.ErrnoException | null, bytes: number): void {
    this.#isWriting = false;
    if (error === null) this.#advance(bytes);
    const changeOver = this.#changeOver;
    this.#changeOver = null;
    if (changeOver !== null) {
      this.#adopt(changeOver.next);
      for (const done of changeOver.done) done();
    } else if (error === null) this.#send();
    else this.#retryLater(error);
  }

  #advance(bytes: number): void {
    this.#sent += bytes;
    this.#retryMs = MIN_RETRY_MS;
    this.#problem = '';
  }

  /** A full pipe is soon read, so the first pauses are short; a full disk, or a reader that went away, takes longer. */
  #retryLater(error: unknown): void {
    const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    this.#retryMs = isFull ? Math.min(2 * this.#retryMs, MAX_FULL_RETRY_MS) : FAILURE_RETRY_MS;
    if (!isFull) this.#noteProblem(error);
    this.#retryTimer = setTimeout(() => this.#send(), this.#retryMs).unref();
  }

  /** Told once, and at once: as long as there is room here, nothing is lost yet. */
  #noteProblem(error: unknown): void {
    if (this.#problem === '') this.#losses.whenFailing(error);
    this.#problem = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }

  /** Goes on with another destination; a line of which the old one has a part is not begun again in the new. */
  #adopt(next: Destination): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#destination.close();
    this.#destination = next;
    const isWithinLine =
      this.#sent > 0 && this.#sent < this.#sendingEnd && this.#sending[this.#sent - 1] !== LINE_FEED;
    if (isWithinLine) {
      this.#sent = this.#sending.indexOf(LINE_FEED, this.#sent) + 1;
      this.#dropped++;
    }
    this.#send();
  }

  #allSent(): void {
    if (this.#filled > (this.#isClosed ? 0 : FLUSH_BYTES)) this.#swap();
    else this.#whenEmpty?.();
  }
}

/** The end of the whole lines that a pipe takes in one piece. */
function pieceEnd(buffer: Buffer, start: number, end: number): number {
  if (end - start <= MAX_LINE_BYTES) return end;
  const lineFeed = buffer.lastIndexOf(LINE_FEED, start + MAX_LINE_BYTES - 1);
  return lineFeed < start ? start + MAX_LINE_BYTES : lineFeed + 1;
}

function lineCount(buffer: Buffer, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    if (buffer[i] === LINE_FEED) count++;
  }
  return count;
}

/** What may wait while a write is under way; only pages that were used cost memory. */
const BUFFER_BYTES = 4 * 1024 * 1024;
/** From here on a buffer is sent without waiting for the timer: each time wakes two threads, and whoever watches the folder. */
const FLUSH_BYTES = 256 * 1024;
/** A line has the room of two, so that nothing bad comes of one that is too long. */
const LINE_ROOM = 2 * MAX_LINE_BYTES;
const FLUSH_INTERVAL_MS = 250;
const MIN_RETRY_MS = 0.5;
const MAX_FULL_RETRY_MS = 32;
const FAILURE_RETRY_MS = 1000;
const LINE_FEED = 0x0a;
