import type { Strain } from '../core/admission.ts';

/** Where a thread shows how strained it is. */
export interface StrainLine {
  /** `level`: how many priorities are shed. */
  show(strain: Strain, level: number): void;
}

/** How many priorities a thread sheds, and why: whole ones, and a part of one more. */
export type StrainView = Readonly<Record<Strain, number>>;

/** How strained the threads are, in memory that the supervisor reads. */
export class StrainBoard {
  readonly #levels: Float64Array;

  static allocate(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * STRAINS.length * 8);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.#levels = new Float64Array(buffer);
  }

  /** The line of one thread, which only that one writes. */
  line(thread: number): StrainLine {
    return { show: (strain, level) => void (this.#levels[place(thread, strain)] = level) };
  }

  view(thread: number): StrainView {
    const level = (strain: Strain): number => this.#levels[place(thread, strain)] ?? 0;
    return { lag: level('lag'), memory: level('memory') };
  }

  /** A thread is gone, and with it its troubles. */
  releaseThread(thread: number): void {
    for (const strain of STRAINS) this.line(thread).show(strain, 0);
  }
}

function place(thread: number, strain: Strain): number {
  return thread * STRAINS.length + STRAINS.indexOf(strain);
}

const STRAINS: readonly Strain[] = ['lag', 'memory'];
