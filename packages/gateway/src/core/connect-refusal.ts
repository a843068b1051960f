import { connectError, endOfStream } from './connect-error.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import type { Exchange, Reply } from './exchange.ts';
import type { Headers } from './headers.ts';
import { queryValues } from './http/query.ts';

/** The types of streams; a reply has that of its request. */
const STREAM_TYPES = ['application/connect+proto', 'application/connect+json'] as const;

/** As what a Connect client reads its answer: as one message, or as a stream of this type. */
export type ConnectForm = 'unary' | (typeof STREAM_TYPES)[number];

/**
 * How a request is Connect (Connect protocol): by the type of a stream, by the field in which a client names its version, or by
 * the query of a GET; null if it is not. A unary POST without that field cannot be told from any other, and gets problem
 * documents, which its clients understand by their status.
 */
export function connectForm({
  method,
  headers,
  query,
}: Pick<Exchange, 'method' | 'headers' | 'query'>): ConnectForm | null {
  const type = mediaType(headers.get('content-type'));
  const stream = STREAM_TYPES.find((known) => known === type);
  if (stream !== undefined) return stream;
  if (type.startsWith('application/connect+')) return null;
  const isUnary =
    headers.has('connect-protocol-version') ||
    (method === 'GET' && query.includes('connect=v1') && queryValues(query, 'connect')[0] === 'v1');
  return isUnary ? 'unary' : null;
}

/** A media type without its parameters, in lower case; `''` without one. */
export function mediaType(contentType: string | undefined): string {
  if (contentType === undefined) return '';
  const end = contentType.indexOf(';');
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** What a refusal says beside its code. */
export interface ConnectRefusal {
  readonly status?: number | undefined;
  readonly detail?: string | undefined;
}

/**
 * A refusal as Connect clients read it: for a unary call its status and an error in JSON, for a stream a 200 with the envelope
 * that ends it. The fields are those that any other caller would get.
 */
export function connectRefusal(
  code: ErrorCode,
  form: ConnectForm,
  fields: Headers,
  { status, detail }: ConnectRefusal,
): Reply {
  const { title, grpcStatus, status: usual } = ERRORS[code];
  const error = connectError(grpcStatus, detail === undefined ? title : `${title}. ${detail}`);
  const isUnary = form === 'unary';
  fields.set('Content-Type', isUnary ? 'application/json' : form);
  return {
    status: isUnary ? (status ?? usual) : 200,
    headers: fields,
    body: (isUnary ? Buffer.from(JSON.stringify(error)) : endOfStream(error)).toString('latin1'),
    code,
    tunnel: null,
  };
}
