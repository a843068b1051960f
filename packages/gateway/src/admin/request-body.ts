import type { IncomingMessage } from 'node:http';

/** The most that a request to the admin API may carry. */
export const MAX_BODY_BYTES = 64 * 1024;

/** What came with a request; it is too large, or is no JSON (RFC 8259) where it should be. */
export type RequestBody =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' };

/**
 * Reads a body to its end: as JSON, or to throw it away. Stops reading when it is too large, but leaves the connection open for
 * the answer. Rejects when the client breaks off.
 */
export async function readBody(request: IncomingMessage, as: 'json' | undefined): Promise<RequestBody> {
  const bytes = await collect(request);
  if (bytes === null) return { kind: 'too-large' };
  if (as === undefined) return { kind: 'read', value: null };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'read', value: JSON.parse(text) };
  } catch {
    return { kind: 'malformed' };
  }
}

/** All bytes, or null: too many. */
function collect(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve(null);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}
