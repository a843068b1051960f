import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { BUILT_IN_PROTOS } from '../packages/config/src/descriptors/built-in-protos.ts';

/** A library that speaks gRPC, by grpc-js and proto-loader: nothing of it is ours but what it answers. */
export interface LibraryServer {
  readonly port: number;
  /** Where its sources can be imported from. */
  readonly folder: string;
  /** The last request, as proto-loader read it, and its metadata. */
  readonly last: {
    request: unknown;
    metadata: Metadata;
    deadline: unknown;
    calls: number;
    cancelled: number;
  };
  stop(): void;
}

type Message = Readonly<Record<string, unknown>>;
type Unary = ServerUnaryCall<Message, Message>;
type Answer = sendUnaryData<Message>;

/** The sources of the library. */
const SOURCE = new URL(
  '../packages/gateway/src/translate/grpc/transcode/fixtures/library.proto',
  import.meta.url,
).pathname;

/** Starts one. Books of shelf `missing` are not there, those of shelf `broken` come with details of an error. */
export async function libraryServer(): Promise<LibraryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-library-'));
  for (const [name, text] of Object.entries(BUILT_IN_PROTOS)) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const definition = loadSync(SOURCE, {
    includeDirs: [folder],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: false,
  });
  const loaded = loadPackageDefinition(definition) as unknown as {
    readonly library: { readonly v1: { readonly Library: ServiceClientConstructor } };
  };
  const last = {
    request: {} as unknown,
    metadata: new Metadata(),
    deadline: null as unknown,
    calls: 0,
    cancelled: 0,
  };
  const server = new Server();
  server.addService(loaded.library.v1.Library.service, methods(last));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, folder, last, stop: () => server.forceShutdown() };
}

function methods(last: LibraryServer['last']) {
  const noted = (call: { readonly request?: unknown; readonly metadata: Metadata }): void => {
    last.calls++;
    last.request = call.request;
    last.metadata = call.metadata;
  };
  const echoBook = (call: Unary, answer: Answer): void => {
    noted(call);
    answer(null, call.request['book'] as Message);
  };
  return {
    getBook(call: Unary, answer: Answer) {
      noted(call);
      last.deadline = call.getDeadline();
      const name = String(call.request['name']);
      if (name.includes('missing')) return answer({ code: 5, details: `No ${name} 100 %` });
      if (name.includes('broken')) return answer({ code: 3, details: 'broken', metadata: brokenDetails() });
      const head = new Metadata();
      head.set('x-shelf', 'first');
      call.sendMetadata(head);
      answer(null, {
        name,
        title: 'Ä',
        pages: '9007199254740993',
        genre: 'NOVEL',
        published_at: { seconds: 1 },
      });
    },
    listBooks(call: Unary, answer: Answer) {
      noted(call);
      answer(null, { books: [{ title: 'a' }, { title: 'b' }], next_page_token: 'x' });
    },
    createBook: echoBook,
    updateBook: echoBook,
    moveBook(call: Unary, answer: Answer) {
      noted(call);
      answer(null, { name: String(call.request['id']) });
    },
    countBooks(call: Unary, answer: Answer) {
      noted(call);
      answer(null, { count: '3' });
    },
    getCover(call: Unary, answer: Answer) {
      noted(call);
      answer(null, { content_type: 'image/png', data: Buffer.of(0, 255) });
    },
    putCover(call: Unary, answer: Answer) {
      noted(call);
      answer(null, { name: call.request['name'], image: call.request['image'] });
    },
    watchBooks(call: ServerWritableStream<Message, Message>) {
      noted(call);
      const count = Number(call.request['page_size'] ?? 2);
      for (let i = 0; i < count; i++) call.write({ title: String(i) });
      if (call.request['order_by'] === 'fail') call.emit('error', { code: 15, details: 'lost' });
      else if (call.request['order_by'] === 'never') call.on('cancelled', () => last.cancelled++);
      else call.end();
    },
    addBooks(call: ServerReadableStream<Message, Message>, answer: Answer) {
      noted(call);
      const titles: unknown[] = [];
      call.on('data', ({ book, parent }: { book?: Message; parent: string }) =>
        titles.push([parent, book?.['title']]),
      );
      call.on('end', () => {
        last.request = titles;
        answer(null, { count: String(titles.length) });
      });
    },
    discuss(call: ServerDuplexStream<Message, Message>) {
      noted(call);
      call.on('data', ({ title }: Message) => call.write({ title: `re: ${String(title)}` }));
      call.on('end', () => call.end());
    },
  };
}

/** A `google.rpc.Status` with a `BadRequest` of one violation: `title`, `is empty`. */
function brokenDetails(): Metadata {
  const text = (number: number, value: string | Buffer): Buffer => {
    const bytes = Buffer.from(value as string);
    return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
  };
  const violation = text(1, Buffer.concat([text(1, 'title'), text(2, 'is empty')]));
  const any = Buffer.concat([text(1, 'type.googleapis.com/google.rpc.BadRequest'), text(2, violation)]);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.concat([Buffer.of(8, 3), text(2, 'broken'), text(3, any)]));
  return metadata;
}
