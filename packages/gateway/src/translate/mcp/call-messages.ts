import type { Json } from '../../core/identity.ts';
import { latin1 } from '../../core/latin1.ts';
import { cut, failure, structuredResult, type ToolResult } from './results.ts';

/** Of one call; a model makes nothing of more. */
const MAX_MESSAGES = 1000;
const BETWEEN_EVENTS = '\n\n';
const MESSAGE = 'data: ';
const ERROR = 'event: error\ndata: ';

/** What becomes of the messages. */
export interface GatherPlan {
  /** Of their texts together. */
  readonly maxBytes: number;
  /** What a model may do about more. */
  readonly hint: string;
}

/** Gathers the messages of a call from the events that transcoding writes, until they are too much for one result. */
export class CallMessages {
  /** There is more than may be given: nothing that comes is looked at. */
  isFull = false;
  readonly #plan: GatherPlan;
  readonly #texts: string[] = [];
  #bytes = 0;
  #rest = '';
  #error: string | null = null;

  constructor(plan: GatherPlan) {
    this.#plan = plan;
  }

  get count(): number {
    return this.#texts.length;
  }

  /** Takes what came; gives the texts of the messages that are complete with it. */
  take(chunk: Buffer): readonly string[] {
    const before = this.count;
    const events = (this.#rest + latin1(chunk, 0, chunk.length)).split(BETWEEN_EVENTS);
    this.#rest = events.pop() ?? '';
    for (const event of events) if (!this.isFull) this.#event(event);
    if (this.#bytes + this.#rest.length > this.#plan.maxBytes + ERROR.length) this.isFull = true;
    return this.#texts.slice(before);
  }

  #event(event: string): void {
    if (event.startsWith(ERROR)) this.#error = utf8(event.slice(ERROR.length));
    if (!event.startsWith(MESSAGE)) return;
    this.#bytes += event.length - MESSAGE.length;
    this.isFull = this.#bytes > this.#plan.maxBytes || this.count === MAX_MESSAGES;
    if (!this.isFull) this.#texts.push(utf8(event.slice(MESSAGE.length)));
  }

  /** What the call gave, when it is over. */
  result(): ToolResult {
    const { maxBytes, hint } = this.#plan;
    const lines = this.#texts.join('\n');
    if (this.isFull) return cut(lines, maxBytes, hint);
    if (this.#error !== null)
      return failure(`The call failed after ${this.count} messages: ${this.#error}\n\n${lines}`.trim());
    const text = `{"messages":[${this.#texts.join(',')}]}`;
    return structuredResult({ messages: this.#texts.map((one) => JSON.parse(one) as Json) }, text);
  }
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
