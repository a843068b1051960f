import type { Reply } from '../exchange.ts';
import { headersOf } from '../headers.ts';
import type { Json } from '../identity.ts';
import type { RpcId } from './message.ts';

/** An error of JSON-RPC. Its message is for whoever wrote the client: nothing secret. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

/** A text as the bytes that a body is made of, one character each. */
export function bodyText(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The reply with one message of JSON-RPC. */
export function rpcReply(status: number, message: object): Reply {
  const headers = headersOf(['Content-Type', 'application/json'], ['Cache-Control', 'no-store']);
  return { status, headers, body: bodyText(JSON.stringify(message)), code: '', tunnel: null };
}

/** The reply to a request that went well. */
export function rpcResult(id: RpcId | null, result: object): Reply {
  return rpcReply(200, { jsonrpc: '2.0', id, result });
}

/** The reply to a message that cannot be served: what JSON-RPC callers get in place of a problem document. */
export function rpcFault(status: number, id: RpcId | null, error: RpcError): Reply {
  return rpcReply(status, { jsonrpc: '2.0', id, error });
}

/** The reply to what needs no answer. */
export function accepted(): Reply {
  return { status: 202, headers: headersOf(), body: null, code: '', tunnel: null };
}
