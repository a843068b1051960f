import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Inbox, type Ending } from './inbox.ts';
import { framingOf, IncompleteMessage, readBody, readHead, type Framing, type Message } from './message.ts';
import { within } from './within.ts';

/** A response, and the interim ones before it. */
export interface RawResponse extends Message {
  readonly status: number;
  readonly interims: readonly Message[];
}

/** A client that sends any bytes, and reads what looks like responses. */
export interface RawClient {
  readonly socket: Socket;
  readonly bytesReceived: number;
  /** What came and was not read as a response, as latin1. */
  readonly rest: string;
  /** Resolves when the bytes are with the kernel. */
  send(bytes: string | Buffer): Promise<void>;
  /** Every byte in a write of its own. */
  sendBytewise(bytes: string): Promise<void>;
  /** The next response. `method` is that of the request: a response to HEAD has no body. */
  response(method?: string): Promise<RawResponse>;
  responses(count: number): Promise<RawResponse[]>;
  /** Sends a request and reads its response. */
  ask(request: string | Buffer, method?: string): Promise<RawResponse>;
  /** The next interim response. */
  interim(): Promise<Message>;
  /** Resolves when at least `count` bytes have come altogether. */
  received(count: number): Promise<void>;
  /** How the gateway ended the connection, once it has. */
  closed(): Promise<Ending>;
  /** Sends a FIN and goes on reading. */
  end(): void;
  /** Sends a RST. */
  reset(): void;
  destroy(): void;
}

/** Connects to `port` on this machine. */
export async function rawClient(port: number, host = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
  const inbox = new Inbox(socket);
  await within(once(socket, 'connect'), `connect to ${host}:${port}`);

  const client: RawClient = {
    socket,
    get bytesReceived() {
      return inbox.bytesReceived;
    },
    get rest() {
      return inbox.bytes.toString('latin1');
    },
    send: (bytes) =>
      within(
        new Promise((resolve) => {
          socket.write(bytes, 'latin1', () => resolve());
        }),
        'send',
      ),
    async sendBytewise(bytes) {
      for (const byte of Buffer.from(bytes, 'latin1')) {
        await client.send(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    response: (method = 'GET') => response(inbox, method),
    async responses(count) {
      const all: RawResponse[] = [];
      while (all.length < count) all.push(await client.response());
      return all;
    },
    async ask(request, method) {
      await client.send(request);
      return client.response(method ?? methodOf(request));
    },
    interim: () => next(inbox, () => 'none'),
    async received(count) {
      await inbox.until(`${count} bytes`, () => (inbox.bytesReceived >= count ? true : null));
    },
    closed: () => inbox.closed('the end of the connection'),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    destroy: () => void socket.destroy(),
  };
  return client;
}

function methodOf(request: string | Buffer): string {
  const text = typeof request === 'string' ? request : request.toString('latin1', 0, 40);
  return text.split(' ', 1)[0] ?? '';
}

async function response(inbox: Inbox, method: string): Promise<RawResponse> {
  const interims: Message[] = [];
  for (;;) {
    const message = await next(inbox, (status) =>
      method === 'HEAD' || status < 200 || status === 204 || status === 304 ? 'none' : 'by-fields',
    );
    const status = statusOf(message);
    if (status >= 200 || status === 101) return { ...message, status, interims };
    interims.push(message);
  }
}

function statusOf({ startLine }: Pick<Message, 'startLine'>): number {
  return Number(/^HTTP\/1\.[01] (\d{3}) /.exec(startLine)?.[1] ?? Number.NaN);
}

function next(inbox: Inbox, framing: (status: number) => 'none' | 'by-fields'): Promise<Message> {
  return inbox.until('a response', () => {
    const head = readHead(inbox.bytes);
    const body = head === null ? null : readResponseBody(inbox, head, framing(statusOf(head)));
    if (head !== null && body !== null) {
      inbox.drop(body.end);
      const { startLine, fields, head: text } = head;
      return { startLine, fields, head: text, body: body.body, trailers: body.trailers };
    }
    if (inbox.ending === null) return null;
    throw new IncompleteMessage(inbox.ending, inbox.bytes.toString('latin1'));
  });
}

function readResponseBody(
  inbox: Inbox,
  head: NonNullable<ReturnType<typeof readHead>>,
  how: 'none' | 'by-fields',
): ReturnType<typeof readBody> {
  const framing: Framing = how === 'none' ? 'none' : framingOf(head, 'until-close');
  return readBody(inbox.bytes, head.end, framing, inbox.ending === 'fin');
}
