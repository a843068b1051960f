let lastBytes = 0;

/**
 * Bytes that the process has in memory. Node.js opens a file to find out, and throws when no file descriptor is left: just then
 * nobody should end because of that, so it is as it was the last time.
 */
export function residentBytes(): number {
  try {
    lastBytes = process.memoryUsage.rss();
  } catch {
    // the last one will do
  }
  return lastBytes;
}
