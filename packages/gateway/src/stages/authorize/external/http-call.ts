import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Asked } from './decision-client.ts';
import { MAX_BODY_BYTES, type Field } from './verdict.ts';

/** Who hears of an answer. Exactly one of them is called, once, unless the call is abandoned. */
export interface CallOutcome {
  /** `body` as latin1; `''` if it is too large. */
  answered(status: number, fields: readonly Field[], body: string): void;
  failed(reason: string): void;
}

/** One request without a body, and its whole answer. */
export class HttpCall implements Asked {
  readonly #open: () => ClientRequest;
  readonly #outcome: CallOutcome;
  #request: ClientRequest | null = null;
  #isOver = false;

  constructor(open: () => ClientRequest, outcome: CallOutcome) {
    this.#open = open;
    this.#outcome = outcome;
  }

  send(): void {
    let request: ClientRequest;
    try {
      request = this.#open();
    } catch (error) {
      // What Node does not put into a request, our own parser should not have let in.
      this.#over(() => this.#outcome.failed(error instanceof Error ? error.name : 'not sent'));
      return;
    }
    let hasAnswer = false;
    this.#request = request;
    request.on('response', (response) => {
      hasAnswer = true;
      this.#read(response);
    });
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      this.#over(() => this.#outcome.failed('status 101'));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection was closed by the other side just now. There are only so many of them, so this ends.
      const isStale =
        request.reusedSocket && !hasAnswer && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      if (isStale && !this.#isOver) this.send();
      else this.#over(() => this.#outcome.failed(error.code ?? error.message));
    });
    request.end();
  }

  abandon(): void {
    this.#isOver = true;
    this.#request?.destroy();
  }

  #read(response: IncomingMessage): void {
    const { statusCode = 0, rawHeaders } = response;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const answered = (body: string): void =>
      this.#over(() => this.#outcome.answered(statusCode, fieldsOf(rawHeaders), body));
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      answered('');
      response.destroy();
    });
    response.on('end', () => answered(Buffer.concat(chunks).toString('latin1')));
    response.on('error', () => this.#over(() => this.#outcome.failed('the answer broke off')));
  }

  #over(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell();
  }
}

function fieldsOf(raw: readonly string[]): Field[] {
  return Array.from({ length: raw.length / 2 }, (_, i) => [
    (raw[2 * i] ?? '').toLowerCase(),
    raw[2 * i + 1] ?? '',
  ]);
}
