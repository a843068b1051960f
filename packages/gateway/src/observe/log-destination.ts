import { close, constants, fstatSync, openSync } from 'node:fs';

/** Where log lines go: a standard stream, or the path of a file or a FIFO. */
export type LogTarget = 'stdout' | 'stderr' | (string & {});

/**
 * An open destination.
 *
 * `file`: takes any length at once (`O_APPEND` keeps several writers apart). `pipe`: is non-blocking, and only pieces up
 * to `PIPE_BUF` are kept whole among several writers. `stream`: a pipe or socket that may block, so it is written to by
 * the thread pool, in the same pieces.
 */
export interface Destination {
  readonly kind: 'file' | 'pipe' | 'stream';
  readonly fd: number;
  close(): void;
}

/** Opens a destination; throws what the operating system says. A FIFO needs its reader first (`ENXIO`). */
export function openDestination(target: LogTarget): Destination {
  if (target === 'stdout') return standardStream(1);
  if (target === 'stderr') return standardStream(2);
  const fd = openSync(target, APPEND | constants.O_CREAT, 0o640);
  return { kind: fstatSync(fd).isFIFO() ? 'pipe' : 'file', fd, close: () => closeQuietly(fd) };
}

function standardStream(fd: 1 | 2): Destination {
  const stat = fstatSync(fd);
  if (stat.isFIFO()) return ownPipe(fd) ?? { kind: 'stream', fd, close: leaveOpen };
  return { kind: stat.isSocket() ? 'stream' : 'file', fd, close: leaveOpen };
}

/**
 * The same pipe, opened anew without blocking: `O_NONBLOCK` on the inherited descriptor would hit everyone who shares
 * it, and a write that blocks would hold a thread of the pool that all threads share. Linux only.
 */
function ownPipe(inherited: number): Destination | null {
  try {
    const fd = openSync(`/proc/self/fd/${inherited}`, APPEND);
    return { kind: 'pipe', fd, close: () => closeQuietly(fd) };
  } catch {
    return null; // no /proc, or the pipe is another user's: the caller uses what was inherited
  }
}

/** What was written is written; an error now would tell nobody anything that they can act on. */
function closeQuietly(fd: number): void {
  close(fd, leaveOpen);
}

function leaveOpen(): void {}

/** `O_NONBLOCK` so that a FIFO without a reader is an error instead of a wait; regular files do not mind. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;
