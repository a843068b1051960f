import { UNKNOWN_LENGTH } from '../body.ts';
import type { Reply } from '../exchange.ts';

/**
 * Whether a reply is of a kind that goes on for as long as both sides like: events, lines of JSON, messages of gRPC, and of
 * unknown length. Any other reply that streams is taken for one that only is large.
 */
export function isEndless({ body, headers }: Pick<Reply, 'body' | 'headers'>): boolean {
  if (typeof body !== 'object' || body === null || body.length !== UNKNOWN_LENGTH) return false;
  const type = mediaTypeOf(headers.get('content-type'));
  return type === EVENT_STREAM || type === LINES || isGrpc(type);
}

/** Whether a reply is a stream of events as browsers read it (HTML standard §9.2). */
export function isEventStream({ body, headers }: Pick<Reply, 'body' | 'headers'>): boolean {
  if (typeof body !== 'object' || body === null || body.length !== UNKNOWN_LENGTH) return false;
  return mediaTypeOf(headers.get('content-type')) === EVENT_STREAM;
}

/** Whether a reply is a stream of lines of JSON. */
export function isLineStream({ body, headers }: Pick<Reply, 'body' | 'headers'>): boolean {
  if (typeof body !== 'object' || body === null || body.length !== UNKNOWN_LENGTH) return false;
  return mediaTypeOf(headers.get('content-type')) === LINES;
}

const EVENT_STREAM = 'text/event-stream';
const LINES = 'application/x-ndjson';

function isGrpc(type: string): boolean {
  return type === 'application/grpc' || type.startsWith('application/grpc+');
}

function mediaTypeOf(field = ''): string {
  const end = field.indexOf(';');
  return (end === -1 ? field : field.slice(0, end)).trim().toLowerCase();
}
