import type { Priority } from '@turnpike/config';
import type { StrainBoard, StrainView } from '../admission/strain-board.ts';
import { PRIORITIES, RANK } from '../core/priority.ts';
import type { Reading } from '../observe/series-book.ts';
import type { SeatView } from './seat.ts';

/** How strained a thread is, and which priorities it sheds for that, in part or all of them. */
export interface StrainReport extends StrainView {
  readonly sheds: readonly Priority[];
}

/** A thread with its strain, for `/readyz?verbose`. */
export interface StrainedSeat extends SeatView {
  readonly strain: StrainReport;
}

/** The threads with their strains. Where self-protection is off, they are shown and nothing is shed. */
export function withStrain(
  seats: readonly SeatView[],
  board: StrainBoard,
  isProtected: boolean,
): StrainedSeat[] {
  return seats.map((seat) => {
    const { lag, memory } = board.view(seat.thread);
    const level = isProtected ? Math.max(lag, memory) : 0;
    const sheds = PRIORITIES.filter((priority) => level > PRIORITIES.length - 1 - RANK[priority]);
    return { ...seat, strain: { lag: rounded(lag), memory: rounded(memory), sheds } };
  });
}

/** The same as metrics. */
export function strainReadings(seats: readonly SeatView[], board: StrainBoard): Reading[] {
  return seats.map(({ thread }) => {
    const { lag, memory } = board.view(thread);
    return {
      name: 'turnpike_thread_strain',
      labels: { thread: String(thread) },
      values: [rounded(lag), rounded(memory)],
    };
  });
}

function rounded(level: number): number {
  return Math.round(100 * level) / 100;
}
