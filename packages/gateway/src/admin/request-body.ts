import type { IncomingMessage } from 'node:http';

/** The most that a request to the admin API may carry. */
export const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads a body to its end and throws it away, because nothing here takes one yet; tells whether it was small enough.
 * Stops reading when it is not, but leaves the connection open for the answer. Rejects when the client breaks off.
 */
export function discardBody(request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) return;
      request.pause();
      resolve(false);
    });
    request.once('end', () => resolve(true));
    request.once('error', reject);
  });
}
