import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Clock, Log } from '../../core/ports.ts';
import type { Random } from '../../core/random.ts';
import { exportRequest } from './export-request.ts';
import { readAnswer, type CollectorAnswer, type ExportVerdict } from './otlp-answer.ts';
import type { OtlpBatch, OtlpOutcome, OtlpSignal } from '../../core/otlp-batch.ts';
import { OtlpQueue } from './otlp-queue.ts';
import type { OtlpSettings } from './otlp-settings.ts';

/** A request to a collector. */
export interface CollectorRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly authorities: string | null;
  readonly signal: AbortSignal;
}

/** What an exporter reaches the world through. */
export interface ExporterPorts {
  /** Rejects if no answer came. */
  readonly post: (url: string, request: CollectorRequest) => Promise<CollectorAnswer>;
  /** Calls back once, later; gives what calls it off. */
  readonly after: (ms: number, callBack: () => void) => () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly count: (outcome: OtlpOutcome, items: number) => void;
}

/**
 * Sends one signal to a collector with OTLP over HTTP, in the supervisor. What comes is sent together: {@link BATCH_ITEMS}, or
 * what there is after {@link WAIT_MS}. One request at a time; while the collector cannot take any, a bounded queue holds the
 * newest. Never throws.
 */
export class OtlpExporter {
  readonly #signal: OtlpSignal;
  readonly #ports: ExporterPorts;
  readonly #queue: OtlpQueue;
  #settings: OtlpSettings | null = null;
  #stopWaiting: (() => void) | null = null;
  #sending: Promise<void> | null = null;
  #isFailing = false;
  #isClosing = false;
  readonly #aborted = new AbortController();
  #cutPause: () => void = () => {};

  constructor(signal: OtlpSignal, ports: ExporterPorts) {
    this.#signal = signal;
    this.#ports = ports;
    this.#queue = new OtlpQueue(BOUNDS, (items) => ports.count('full', items));
  }

  /** Exports so from now on; null: what comes is thrown away. */
  use(settings: OtlpSettings | null): void {
    this.#settings = settings;
    // It may have been waiting for a collector that nobody wants any more.
    this.#cutPause();
  }

  take(batch: OtlpBatch): void {
    if (this.#settings === null || this.#isClosing) return;
    this.#queue.add(batch);
    if (this.#queue.items >= BATCH_ITEMS) this.#send();
    else this.#stopWaiting ??= this.#ports.after(WAIT_MS, () => this.#send());
  }

  /** Sends what is left, in so much time at most, and then nothing more. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.#cutPause();
    const stop = this.#ports.after(graceMs, () => this.#aborted.abort());
    this.#send();
    await this.#sending;
    stop();
  }

  #send(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
      if (this.#queue.items > 0) this.#stopWaiting ??= this.#ports.after(WAIT_MS, () => this.#send());
    });
  }

  /** What came meanwhile waits for its own time, unless there is enough of it. */
  async #sendAll(): Promise<void> {
    do await this.#deliver(this.#queue.take(BATCH_ITEMS));
    while (this.#queue.items >= BATCH_ITEMS || (this.#isClosing && this.#queue.items > 0));
  }

  async #deliver(batches: readonly OtlpBatch[]): Promise<void> {
    const items = batches.reduce((sum, batch) => sum + batch.items, 0);
    if (items === 0) return;
    const { clock, count } = this.#ports;
    const giveUpAtMs = clock.now() + KEPT_MS;
    for (let tries = 0; ; tries++) {
      const settings = this.#settings;
      if (settings === null) return;
      const verdict = await this.#try(batches, settings);
      if (verdict.kind === 'taken') {
        const rejected = Math.min(items, verdict.rejected);
        this.#report(rejected === 0 ? null : verdict.message, 'some were rejected');
        count('exported', items - rejected);
        if (rejected > 0) count('rejected', rejected);
        return;
      }
      this.#report(verdict.message, verdict.kind);
      const pauseMs = verdict.kind === 'later' ? this.#pauseMs(tries, verdict.afterMs) : Infinity;
      if (this.#isClosing || clock.now() + pauseMs > giveUpAtMs) {
        count(verdict.kind === 'later' ? 'failed' : 'rejected', items);
        return;
      }
      await this.#pause(pauseMs);
    }
  }

  async #try(batches: readonly OtlpBatch[], settings: OtlpSettings): Promise<ExportVerdict> {
    const { post, clock, version } = this.#ports;
    const { url, compression, timeoutMs, authorities, resource } = settings;
    try {
      const plain = exportRequest(batches, { resource, version });
      const isPacked = compression === 'gzip';
      const body = isPacked ? await pack(plain, { level: constants.Z_BEST_SPEED }) : plain;
      const headers = {
        ...settings.headers,
        'content-type': 'application/x-protobuf',
        'user-agent': `OTel-OTLP-Exporter-Turnpike/${version}`,
        ...(isPacked && { 'content-encoding': 'gzip' }),
      };
      const signal = this.#aborted.signal;
      return readAnswer(await post(url, { headers, body, timeoutMs, authorities, signal }), clock.epoch());
    } catch (error) {
      return {
        kind: 'later',
        afterMs: null,
        message: error instanceof Error ? error.message : String(error),
      };
    }
  }

  /** Twice as long each time, a little apart from others; never shorter than the collector asked. */
  #pauseMs(tries: number, afterMs: number | null): number {
    const backOffMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
    return Math.max(afterMs ?? 0, backOffMs * (0.8 + 0.4 * this.#ports.random.unit()));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#ports.after(ms, resolve);
      this.#cutPause = () => {
        stop();
        resolve();
      };
    });
  }

  /** A collector that is gone is told once, not with each request. */
  #report(problem: string | null, what: string): void {
    const { log } = this.#ports;
    const signal = this.#signal;
    if (problem !== null && !this.#isFailing)
      log.warn('telemetry is not exported', { signal, what, problem });
    if (problem === null && this.#isFailing) log.info('telemetry is exported again', { signal });
    this.#isFailing = problem !== null;
  }
}

const pack = promisify(gzip);

/** A request has so many items at most, but for batches that came larger. */
export const BATCH_ITEMS = 512;
export const WAIT_MS = 1000;
const BOUNDS = { maxItems: 4096, maxBytes: 16 * 1024 * 1024 };
/** How long a batch is tried again. */
const KEPT_MS = 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
