import type { Exchange } from '../exchange.ts';
import type { Json } from '../identity.ts';

/** An object of JSON that came from outside. */
export type JsonRecord = Readonly<Record<string, Json>>;

/** Names a request among those of its sender (JSON-RPC 2.0 §4). */
export type RpcId = string | number;

/** A message of a client: one JSON-RPC message in a POST. */
export interface McpMessage {
  /** Modern: without sessions, and its headers were found to agree with it. */
  readonly era: 'modern' | 'legacy';
  /** The revision; `''`: an older client has not said it. */
  readonly version: string;
  readonly kind: 'request' | 'notification' | 'response';
  /** Null unless it is a request. */
  readonly id: RpcId | null;
  /** `''` of a response. */
  readonly method: string;
  readonly params: JsonRecord;
  /** The tool, prompt or resource that it is about, or `''`. */
  readonly name: string;
}

/** The messages of exchanges: read by a stage, and answered at the end of the route. */
export class McpMessages {
  readonly #of = new WeakMap<Exchange, McpMessage>();

  keep(exchange: Exchange, message: McpMessage): void {
    this.#of.set(exchange, message);
  }

  /** Undefined for exchanges without one: GET and DELETE of older clients. */
  of(exchange: Exchange): McpMessage | undefined {
    return this.#of.get(exchange);
  }
}

/** Whether a value is an object of JSON, and no list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is an object; an empty one if there is none. */
export function recordAt(value: JsonRecord, name: string): JsonRecord {
  const member = value[name];
  return isRecord(member) ? member : {};
}
