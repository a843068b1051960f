import { collectBody } from '../../../core/collect-body.ts';
import { mediaType } from '../../../core/connect-refusal.ts';
import { GatewayError } from '../../../core/errors.ts';
import type { Exchange } from '../../../core/exchange.ts';
import { queryValues } from '../../../core/http/query.ts';
import { limitsOfRequest } from '../grpc-call.ts';
import type { Codec } from './connect-plan.ts';
import { gunzipped } from './gzip.ts';

/** A message of a unary request, as it was written. */
export interface Written {
  readonly codec: Codec;
  readonly bytes: Buffer;
}

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ['application/proto', 'proto'],
  ['application/json', 'json'],
]);

/** How a POST writes its message; null: in no way that we know. */
export function codecOfPost({ headers }: Exchange): Codec | null {
  return CODECS.get(mediaType(headers.get('content-type'))) ?? null;
}

/** How a GET writes its message; null: in no way that we know. */
export function codecOfGet({ query }: Exchange): Codec | null {
  const encoding = only(query, 'encoding');
  return encoding === 'proto' || encoding === 'json' ? encoding : null;
}

/** The message in the body of a POST. It stays with the exchange, for whoever asks another service instead. */
export async function messageOfPost(exchange: Exchange, messageBytes: number): Promise<Buffer> {
  const { bytes, body } = await collectBody(exchange, exchange.body, messageBytes);
  exchange.body = body;
  if (bytes === null) {
    if (typeof body === 'object') body?.cancel();
    throw new GatewayError('BODY_TOO_LARGE', 'a message is too large');
  }
  const coding = exchange.headers.getList('content-encoding') ?? '';
  return decoded(Buffer.from(bytes, 'latin1'), coding, messageBytes);
}

/** The message in the query of a GET (Connect protocol, "Unary-Get-Request"). */
export async function messageOfGet({ query }: Exchange, messageBytes: number): Promise<Buffer> {
  const text = only(query, 'message');
  if (text === null) throw invalid('The query has no message');
  const isBase64 = only(query, 'base64') === '1';
  if (isBase64 && !/^[\w-]*={0,2}$/.test(text)) throw invalid('The message is not base64url');
  const bytes = Buffer.from(text, isBase64 ? 'base64url' : 'latin1');
  if (bytes.length > messageBytes) throw new GatewayError('BODY_TOO_LARGE', 'a message is too large');
  return decoded(bytes, only(query, 'compression') ?? '', messageBytes);
}

async function decoded(bytes: Buffer, coding: string, messageBytes: number): Promise<Buffer> {
  const name = coding.toLowerCase();
  if (name === '' || name === 'identity') return bytes;
  if (name === 'gzip') return gunzipped(bytes, limitsOfRequest(messageBytes));
  throw new GatewayError('NOT_IMPLEMENTED', 'a coding that is not supported', {
    detail: 'Messages are taken as they are, or compressed with gzip',
  });
}

/** The one value of a parameter; null: there is none, there are more, or it cannot be decoded. */
function only(query: string, name: string): string | null {
  const values = queryValues(query, name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

function invalid(detail: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', 'a query without a message', { detail });
}
