import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';

/** What is sent, and where. */
export interface GrpcPlan {
  readonly path: string;
  readonly message: Uint8Array;
  readonly timeoutMs: number;
}

/** Who hears of an answer. Exactly one of them is called, once, unless the call is abandoned. */
export interface GrpcOutcome {
  answered(message: Uint8Array, headers: IncomingHttpHeaders): void;
  failed(reason: string): void;
}

/** Bytes of an answer at most: the largest body that is passed on, and headers. */
const MAX_MESSAGE_BYTES = 262_144;
/** A byte that says whether the message is compressed, and four of its length. */
const PREFIX_BYTES = 5;

/** One unary call of gRPC (grpc/doc/PROTOCOL-HTTP2.md): one message there, one back. */
export class GrpcCall {
  readonly #outcome: GrpcOutcome;
  readonly #chunks: Buffer[] = [];
  #stream: ClientHttp2Stream | null = null;
  #httpStatus = 0;
  #headers: IncomingHttpHeaders = {};
  /** `grpc-status`, which comes at the end, or in the head when there is nothing else. */
  #status = '';
  #bytes = 0;
  #problem = '';
  #isOver = false;

  constructor(outcome: GrpcOutcome) {
    this.#outcome = outcome;
  }

  send(session: ClientHttp2Session, { path, message, timeoutMs }: GrpcPlan): void {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
        'grpc-timeout': `${timeoutMs}m`,
      });
    } catch (error) {
      this.#over(() => this.#outcome.failed(codeOf(error)));
      return;
    }
    this.#stream = stream;
    stream.on('response', (headers) => {
      this.#httpStatus = headers[':status'] ?? 0;
      this.#headers = headers;
      this.#noteStatus(headers);
    });
    stream.on('trailers', (trailers) => this.#noteStatus(trailers));
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) => (this.#problem ||= codeOf(error)));
    stream.on('close', () => this.#over(() => this.#finish()));
    stream.end(framed(message));
  }

  abandon(): void {
    this.#isOver = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #noteStatus(fields: IncomingHttpHeaders): void {
    const status = fields['grpc-status'];
    if (typeof status === 'string' && /^\d{1,3}$/.test(status)) this.#status = status;
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_MESSAGE_BYTES + PREFIX_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.#problem = 'the answer is too large';
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #finish(): void {
    const message = unframed(Buffer.concat(this.#chunks));
    if (this.#problem !== '') this.#outcome.failed(this.#problem);
    else if (this.#httpStatus !== 200) this.#outcome.failed(`status ${this.#httpStatus}`);
    else if (this.#status !== '0') this.#outcome.failed(`grpc-status ${this.#status || 'none'}`);
    else if (message === null) this.#outcome.failed('the answer is not one message');
    else this.#outcome.answered(message, this.#headers);
  }

  #over(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell();
  }
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The one message in there; null if it is compressed, which we did not ask for, or not all there. */
function unframed(bytes: Buffer): Uint8Array | null {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== 0) return null;
  return bytes.readUInt32BE(1) === bytes.length - PREFIX_BYTES ? bytes.subarray(PREFIX_BYTES) : null;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
