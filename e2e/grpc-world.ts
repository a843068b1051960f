import { once } from 'node:events';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status as codes,
  type CallOptions,
  type ServiceDefinition,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

/** A server of gRPC that echoes, and how often each of its methods was called. */
export interface EchoServer {
  readonly port: number;
  readonly calls: Map<string, number>;
  /** What the last call was told in its metadata. */
  metadata: Metadata;
  /** Hears of calls that were cancelled. */
  cancelled(): Promise<void>;
  /** Lets calls finish; new ones have to go elsewhere. */
  drain(): Promise<void>;
  stop(): void;
}

const raw = (value: Buffer): Buffer => value;

function method(name: string, requestStream: boolean, responseStream: boolean) {
  return {
    path: name.startsWith('/') ? name : `/test.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  };
}

const ECHO: ServiceDefinition = {
  unary: method('Unary', false, false),
  collect: method('Collect', true, false),
  repeat: method('Repeat', false, true),
  talk: method('Talk', true, true),
  hang: method('Hang', false, false),
  check: method('/grpc.health.v1.Health/Check', false, false),
};

/** Starts one. `Unary` ends as metadata `x-fail` says: a code for all calls, or `14 once`. */
export async function echoServer(): Promise<EchoServer> {
  const server = new Server();
  const calls = new Map<string, number>();
  const cancels: (() => void)[] = [];
  const world = { metadata: new Metadata() };
  const count = (name: string, metadata: Metadata): number => {
    world.metadata = metadata;
    const number = (calls.get(name) ?? 0) + 1;
    calls.set(name, number);
    return number;
  };
  const trailersOf = (): Metadata => {
    const trailers = new Metadata();
    trailers.set('x-trailer', 'after');
    return trailers;
  };
  const implementation = {
    unary: (call: ServerUnaryCall<Buffer, Buffer>, answer: (...args: unknown[]) => void) => {
      const number = count('unary', call.metadata);
      const [code, once] = String(call.metadata.get('x-fail')[0] ?? '').split(' ');
      if (code !== undefined && code !== '' && (once === undefined || number === 1)) {
        const metadata = trailersOf();
        const pushback = call.metadata.get('x-pushback')[0];
        if (pushback !== undefined) metadata.set('grpc-retry-pushback-ms', pushback);
        answer({ code: Number(code), details: 'as you wish: 100 %', metadata });
        return;
      }
      const head = new Metadata();
      head.set('x-head', 'before');
      call.sendMetadata(head);
      answer(null, Buffer.concat([Buffer.from('echo '), call.request]), trailersOf());
    },
    collect: (call: ServerReadableStream<Buffer, Buffer>, answer: (...args: unknown[]) => void) => {
      count('collect', call.metadata);
      let bytes = 0;
      call.on('data', (message: Buffer) => (bytes += message.length));
      call.on('end', () => answer(null, Buffer.from(String(bytes))));
    },
    repeat: (call: ServerWritableStream<Buffer, Buffer>) => {
      count('repeat', call.metadata);
      const [times = 0, size = 1] = String(call.request).split('x').map(Number);
      for (let i = 0; i < times; i++) call.write(Buffer.alloc(size, 'r'));
      call.end(trailersOf());
    },
    talk: (call: ServerDuplexStream<Buffer, Buffer>) => {
      count('talk', call.metadata);
      call.on('data', (message: Buffer) => call.write(message));
      call.on('end', () => call.end());
      call.on('cancelled', () => cancels.shift()?.());
    },
    // SERVING.
    check: (_: unknown, answer: (...args: unknown[]) => void) => answer(null, Buffer.of(0x08, 0x01)),
    hang: (call: ServerUnaryCall<Buffer, Buffer>) => {
      count('hang', call.metadata);
      call.on('cancelled', () => cancels.shift()?.());
    },
  };
  server.addService(ECHO, implementation as unknown as UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    calls,
    get metadata() {
      return world.metadata;
    },
    cancelled: () => new Promise((resolve) => cancels.push(resolve)),
    drain: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    stop: () => server.forceShutdown(),
  };
}

/** What a unary call came to. */
export interface UnaryOutcome {
  readonly code: codes;
  readonly details: string;
  readonly text: string;
  readonly head: Metadata | null;
  readonly trailers: Metadata;
}

/** A client of gRPC for the methods above. */
export class EchoClient {
  readonly #client: Client;

  constructor(port: number) {
    // Retries of our own would hide those of the gateway.
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.enable_retries': 0,
    });
  }

  unary(text: string, fields: Record<string, string> = {}, options: CallOptions = {}): Promise<UnaryOutcome> {
    return this.#wait('/test.Echo/Unary', text, fields, options);
  }

  hang(options: CallOptions): Promise<UnaryOutcome> {
    return this.#wait('/test.Echo/Hang', '', {}, options);
  }

  /** A call of any path. */
  call(path: string): Promise<UnaryOutcome> {
    return this.#wait(path, '', {}, {});
  }

  async collect(messages: readonly Buffer[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeClientStreamRequest('/test.Echo/Collect', raw, raw, (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      );
      for (const message of messages) call.write(message);
      call.end();
    });
  }

  async repeat(times: number, size = 1): Promise<{ lengths: number[]; trailers: Metadata }> {
    const call = this.#client.makeServerStreamRequest(
      '/test.Echo/Repeat',
      raw,
      raw,
      Buffer.from(`${times}x${size}`),
    );
    const lengths: number[] = [];
    const ended = once(call, 'status');
    for await (const message of call) lengths.push((message as Buffer).length);
    const [status] = await ended;
    return { lengths, trailers: status.metadata };
  }

  talk() {
    return this.#client.makeBidiStreamRequest('/test.Echo/Talk', raw, raw);
  }

  close(): void {
    this.#client.close();
  }

  #wait(
    path: string,
    text: string,
    fields: Record<string, string>,
    options: CallOptions,
  ): Promise<UnaryOutcome> {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(fields))
      metadata.set(name, name.endsWith('-bin') ? Buffer.from(value) : value);
    return new Promise((resolve) => {
      let head: Metadata | null = null;
      let answer = '';
      const call = this.#client.makeUnaryRequest(
        path,
        raw,
        raw,
        Buffer.from(text),
        metadata,
        options,
        (_, value) => {
          answer = value === undefined ? '' : String(value);
        },
      );
      call.on('metadata', (found: Metadata) => (head = found));
      call.on('status', ({ code, details, metadata: trailers }) => {
        // The callback of the call comes after this.
        setImmediate(() => resolve({ code, details, text: answer, head, trailers }));
      });
    });
  }
}

export { codes };
