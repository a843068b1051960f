import type { ServerResponse } from 'node:http';
import type { TapSink, TapWatch } from './live-port.ts';

/** An answer that goes on until the client has enough. */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly status: 200;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly begin: (sink: TapSink) => TapWatch;
}

/** Lines of JSON. */
export const NDJSON = 'application/x-ndjson';

/** Lines, as they come. */
export function liveStream(begin: StreamAnswer['begin']): StreamAnswer {
  return { kind: 'stream', status: 200, contentType: NDJSON, headers: {}, begin };
}

/** Sends it, with an empty line now and then: a client that is gone is noticed, and nobody on the way loses patience. */
export function sendStream(response: ServerResponse, { contentType, headers, begin }: StreamAnswer): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(200, {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.flushHeaders();
  const watch = begin({
    isReady: () => !response.writableNeedDrain,
    write: (text) => void response.write(text),
  });
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write('\n');
  }, HEARTBEAT_MS);
  response.on('drain', () => watch.drained());
  response.once('close', () => {
    clearInterval(heartbeat);
    watch.end();
  });
}

/** Shorter than anything between loses its patience. */
const HEARTBEAT_MS = 15_000;
