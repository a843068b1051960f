import type { GatewayConfig } from '@turnpike/config';
import type { JsonRecord } from '@turnpike/config/expression';
import type { TapOrder, TapStart, TapSink, TraceView } from '../admin/live-port.ts';
import type { DecisionTrace } from '../core/decision-trace.ts';
import { isWished, type TapBatch, type TappedLine, type TapWish } from '../core/live-tap.ts';
import type { Clock } from '../core/ports.ts';
import { KeptTraces } from './kept-traces.ts';
import { TapQueue } from './tap-queue.ts';

/** What the desk works with. */
export interface LiveDeskPorts {
  readonly clock: Clock;
  /** Tells all threads who watches. */
  readonly publish: (wishes: readonly TapWish[]) => void;
  /** In use. */
  readonly config: () => GatewayConfig;
}

type LineFilter = (line: JsonRecord) => boolean;

/** Somebody who watches. */
interface Watcher {
  readonly wish: TapWish;
  readonly filter: LineFilter | null;
  readonly queue: TapQueue;
}

/** Gives the requests that threads tap to those who watch on the admin API. */
export class LiveDesk {
  readonly #ports: LiveDeskPorts;
  readonly #watchers = new Set<Watcher>();
  readonly #traces: KeptTraces;

  constructor(ports: LiveDeskPorts) {
    this.#ports = ports;
    this.#traces = new KeptTraces(ports.clock, ports.config);
  }

  /** Begins to show somebody what is wished for. The library of expressions is loaded for the first who filters. */
  async open({ wish, filter }: TapOrder): Promise<TapStart> {
    const found = filter === null ? null : await lineFilter(filter);
    if (typeof found === 'string') return { kind: 'bad-filter', problem: found };
    if (this.#watchers.size >= MOST_WATCHERS) return { kind: 'full' };
    return { kind: 'open', begin: (sink) => this.#begin({ wish, filter: found }, sink) };
  }

  /** A thread has traced this. */
  keep(trace: DecisionTrace): void {
    this.#traces.keep(trace);
  }

  trace(id: string): TraceView | null {
    return this.#traces.find(id);
  }

  /** A thread has tapped these. */
  take({ lines, dropped }: TapBatch): void {
    for (const { wish, filter, queue } of this.#watchers) {
      const wished = lines.filter((line) => isWished(wish, line));
      const { kept, unseen } = filter === null ? { kept: wished, unseen: 0 } : this.#filtered(wished, filter);
      queue.add(kept, dropped + unseen);
    }
  }

  #begin(
    { wish, filter }: Omit<Watcher, 'queue'>,
    sink: TapSink,
  ): ReturnType<Extract<TapStart, { kind: 'open' }>['begin']> {
    const watcher = { wish, filter, queue: new TapQueue(sink) };
    this.#watchers.add(watcher);
    this.#tell();
    return {
      drained: () => watcher.queue.pump(),
      end: () => {
        if (this.#watchers.delete(watcher)) this.#tell();
      },
    };
  }

  /** Filters are written by people: they get a share of this thread, and what they cannot look at in it is counted. */
  #filtered(lines: readonly TappedLine[], filter: LineFilter): { kept: TappedLine[]; unseen: number } {
    const { clock } = this.#ports;
    const untilMs = clock.now() + FILTER_MS;
    const kept: TappedLine[] = [];
    for (const [index, tapped] of lines.entries()) {
      if (clock.now() > untilMs) return { kept, unseen: lines.length - index };
      if (filter(JSON.parse(tapped.line))) kept.push(tapped);
    }
    return { kept, unseen: 0 };
  }

  #tell(): void {
    this.#ports.publish(Array.from(this.#watchers, ({ wish }) => wish));
  }
}

/** A filter that is ready, or what is wrong with it. */
async function lineFilter(text: string): Promise<LineFilter | string> {
  const { checkExpression, compileLineFilter } = await import('@turnpike/config/expression');
  return checkExpression(text, 'boolean', 'line') ?? compileLineFilter(text);
}

const MOST_WATCHERS = 8;
/** For one watcher and one batch of a thread. */
const FILTER_MS = 10;
