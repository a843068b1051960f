import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Inbox, type Ending } from './inbox.ts';
import { framingOf, readBody, readHead, type Message } from './message.ts';
import { eventually, within } from './within.ts';

/** What an upstream does with one request. */
export type Step = (talk: Talk) => void | Promise<void>;

/** One request as the upstream sees it, and the connection on which it came. */
export interface Talk {
  readonly method: string;
  readonly target: string;
  readonly fields: Message['fields'];
  readonly head: string;
  readonly socket: Socket;
  /** Number of the connection, from 0, in the order in which they were made. */
  readonly connection: number;
  /** The request with its body, when that is complete. Rejects if the connection ends first. */
  whole(): Promise<Message>;
  /** Bytes that have come on this connection so far. */
  bytesReceived(): number;
  write(bytes: string | Buffer): Promise<void>;
  /** How the gateway ended this connection, once it has. */
  closed(): Promise<Ending>;
}

/** A service that answers by a script, byte by byte if need be. */
export interface ScriptedUpstream {
  readonly port: number;
  /** For `services.*.endpoints`. */
  readonly url: string;
  /** Heads of all requests that came, in order. */
  readonly requests: readonly Talk[];
  /** Connections made so far, and those that are open. */
  readonly connections: number;
  readonly open: number;
  /** Does this from the next request on. */
  script(step: Step): void;
  /** The request with that number, from 0, once it is there. */
  request(index: number): Promise<Talk>;
  /** Resolves when no connection is open. */
  whenIdle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an upstream on a free port. */
export async function scriptedUpstream(first: Step): Promise<ScriptedUpstream> {
  let step = first;
  let connections = 0;
  let isClosed = false;
  const requests: Talk[] = [];
  const sockets = new Set<Socket>();
  const failures: unknown[] = [];

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const number = connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const inbox = new Inbox(socket);
    serve(socket, inbox, number).catch((error: unknown) => {
      // A gateway that goes away is no failure of the script.
      if (inbox.ending === null && !isClosed && !socket.destroyed) failures.push(error);
      socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  /** Reads request after request; a connection without one ends when the gateway ends it. */
  async function serve(socket: Socket, inbox: Inbox, connection: number): Promise<void> {
    for (;;) {
      const head = await untilHead(inbox);
      if (head === null) {
        socket.end();
        return;
      }
      const talk = talkOf(socket, inbox, head, connection);
      requests.push(talk);
      await step(talk);
      if (socket.destroyed || socket.writableEnded) return;
      await talk.whole();
    }
  }

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    script(next) {
      step = next;
    },
    async request(index) {
      await eventually(() => requests.length > index, `request ${index} at the upstream`);
      const found = requests[index];
      if (found === undefined) throw new Error('unreachable');
      return found;
    },
    whenIdle: () => eventually(() => sockets.size === 0, 'the end of all upstream connections'),
    async close() {
      isClosed = true;
      for (const socket of sockets) socket.destroy();
      server.close();
      await within(once(server, 'close'), 'the end of the upstream');
      if (failures.length > 0) throw new AggregateError(failures, 'the script of an upstream failed');
    },
  };
}

/** The longest that a connection of an upstream waits for its next request. */
const IDLE_MS = 120_000;

function untilHead(inbox: Inbox): Promise<ReturnType<typeof readHead>> {
  return inbox
    .until(
      'a request',
      () => {
        const head = readHead(inbox.bytes);
        if (head !== null) return { head };
        return inbox.ending === null ? null : { head: null };
      },
      IDLE_MS,
    )
    .then(({ head }) => head);
}

function talkOf(
  socket: Socket,
  inbox: Inbox,
  head: NonNullable<ReturnType<typeof readHead>>,
  connection: number,
): Talk {
  const [method = '', target = ''] = head.startLine.split(' ');
  const { startLine, fields } = head;
  const read = (): Message | null => {
    const found = readBody(inbox.bytes, head.end, framingOf(head, 'none'), inbox.ending !== null);
    if (found !== null) {
      inbox.drop(found.end);
      return { startLine, fields, head: head.head, body: found.body, trailers: found.trailers };
    }
    if (inbox.ending !== null) throw new Error('the request broke off');
    return null;
  };
  let message: Promise<Message> | null = null;
  return {
    method,
    target,
    fields,
    head: head.head,
    socket,
    connection,
    whole: () => (message ??= inbox.until('the body of a request', read, IDLE_MS)),
    bytesReceived: () => inbox.bytesReceived,
    write: (bytes) =>
      within(
        new Promise((resolve) => {
          socket.write(bytes, 'latin1', () => resolve());
        }),
        'a write of the upstream',
      ),
    closed: () => inbox.closed('the end of an upstream connection'),
  };
}
