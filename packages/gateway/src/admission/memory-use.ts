import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { residentBytes } from '../core/resident-memory.ts';

/** Shares of the memory that may be used, from 0 to 1. */
export interface MemoryUse {
  /** Of the heap of this thread. */
  readonly heap: number;
  /** Of what the process may have: of its control group, or of the machine. */
  readonly resident: number;
}

/** How much memory is used now. Takes some ten microseconds, because the system is asked. */
export function memoryUse(): MemoryUse {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { heap: used / limit, resident: residentBytes() / AVAILABLE_BYTES };
}

/** Without a limit of its own, a process is told of a number beyond all memory, or of 0. */
function availableBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

const AVAILABLE_BYTES = availableBytes();
