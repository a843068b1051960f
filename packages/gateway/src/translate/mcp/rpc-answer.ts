import { isRecord, type JsonRecord, type RpcId } from '../../core/mcp/message.ts';
import type { RpcError } from '../../core/mcp/rpc-reply.ts';
import type { Answer } from './ask.ts';
import { eventData } from './sse.ts';

/** What a server answered a request with. */
export type RpcAnswer =
  | { readonly kind: 'result'; readonly result: JsonRecord }
  | { readonly kind: 'error'; readonly status: number; readonly error: RpcError }
  /** No answer of JSON-RPC to this request. */
  | { readonly kind: 'none'; readonly status: number };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Finds the answer to a request in what came back: one message, or a stream of events in which it is one. */
export function rpcAnswer({ status, headers, bytes }: Answer, id: RpcId): RpcAnswer {
  const none = { kind: 'none', status } as const;
  if (bytes === null) return none;
  try {
    const text = UTF8.decode(Buffer.from(bytes, 'latin1'));
    const isStream = /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
    for (const one of isStream ? eventData(text) : [text]) {
      const message: unknown = JSON.parse(one);
      if (!isRecord(message) || (message['id'] !== id && message['id'] !== null)) continue;
      const { result, error } = message;
      if (isRecord(result)) return { kind: 'result', result };
      if (isRecord(error) && typeof error['code'] === 'number')
        return {
          kind: 'error',
          status,
          error: {
            code: error['code'],
            message: typeof error['message'] === 'string' ? error['message'] : '',
          },
        };
    }
    return none;
  } catch {
    // No text, or no JSON: no answer.
    return none;
  }
}
