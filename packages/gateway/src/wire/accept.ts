import { Socket, type Server } from 'node:net';
import { changesOf, SHARED_READ_BUFFER } from './read-buffers.ts';

/** What a connection does with its socket. */
export interface SocketUser {
  /** The buffer for the next read. */
  readBuffer(): Buffer;
  received(count: number, bytes: Buffer): void;
  inputEnded(): void;
  drained(): void;
  closed(): void;
}

/** Node's listening handle, as far as we use it. */
interface ListeningHandle {
  listen(backlog: number): number;
  onconnection: (error: number, client: ClientHandle | undefined) => void;
}

interface ClientHandle {
  setNoDelay(enable: boolean): void;
  close(): void;
}

/** How much may wait in a socket before its source has to pause. */
const WRITE_HIGH_WATER_BYTES = 256 * 1024;

/**
 * Makes `server` hand its connections to `use` as sockets that read into our buffers.
 *
 * `net.connect` takes `onread`, which spares an allocation, an event and a queue for each read (2 µs of about 20 a request);
 * `net.Server` has no such option, so its listening handle is told to make the sockets here. Where a Node.js has no such
 * handle, or for sockets that are no plain TCP (TLS), `useStream` does the same by 'data' events.
 */
export function acceptInto(server: Server, use: (socket: Socket) => SocketUser | null): void {
  server.on('connection', (socket) => useStream(socket, use));
  const handle = (server as unknown as { _handle?: ListeningHandle })._handle;
  if (typeof handle?.onconnection !== 'function') return;
  handle.onconnection = (error, client) => {
    if (error !== 0 || client === undefined) return;
    client.setNoDelay(true);
    useHandle(client, use);
  };
}

/**
 * Lets no new connection into the queue, and leaves those that wait there to be accepted: to close a listener at once would
 * reset them. Clients that come now try again in a second (RFC 9293 §3.8.1), and are refused then.
 */
export function stopQueueing(server: Server): void {
  (server as unknown as { _handle?: Partial<ListeningHandle> })._handle?.listen?.(0);
}

/** Bytes that the kernel has taken so far; `writableLength` changes only when a whole piece is gone. */
export function sentBytes(socket: Socket): number {
  const handle = (socket as unknown as { _handle?: { bytesWritten: number; writeQueueSize: number } })
    ._handle;
  return handle === undefined || handle === null ? 0 : handle.bytesWritten - handle.writeQueueSize;
}

function useHandle(handle: ClientHandle, use: (socket: Socket) => SocketUser | null): void {
  let user: SocketUser | null = null;
  const socket = new Socket({
    handle,
    allowHalfOpen: true,
    highWaterMark: WRITE_HIGH_WATER_BYTES,
    onread: {
      buffer: changesOf(() => user?.readBuffer() ?? SHARED_READ_BUFFER),
      callback: (count: number, bytes: Buffer) => {
        user?.received(count, bytes);
        return true;
      },
    },
  } as object);
  user = use(socket);
  if (user === null) socket.destroy();
  else listenTo(socket, user);
}

function useStream(socket: Socket, use: (socket: Socket) => SocketUser | null): void {
  const user = use(socket);
  if (user === null) {
    socket.destroy();
    return;
  }
  socket.setNoDelay(true);
  readFrom(socket, user);
}

/**
 * Gives what comes on a socket that is open already, such as the inside of one with TLS. It reads into our buffers too, as
 * `onread` of `net.connect` does it, where this Node.js lets us (the inside of a server's socket with TLS takes no such option):
 * 3 µs of 35 a request. Otherwise 'data' events bring memory of their own.
 */
export function readFrom(socket: Socket, user: SocketUser): void {
  // What was there before.
  const early: unknown = socket.read();
  if (readInto(socket, user)) socket.resume();
  else socket.on('data', (bytes: Buffer) => user.received(bytes.length, bytes));
  listenTo(socket, user);
  if (early instanceof Buffer) user.received(early.length, early);
}

/** The members of a socket in which Node.js keeps what `onread` says. */
const [BUFFER, CALLBACK, NEXT_BUFFER] = ['kBuffer', 'kBufferCb', 'kBufferGen'].map((name) =>
  Object.getOwnPropertySymbols(new Socket()).find(({ description }) => description === name),
);

/** Does what `onread` does; false where that cannot be done. */
function readInto(socket: Socket, user: SocketUser): boolean {
  const { _handle: handle } = socket as unknown as { _handle?: { useUserBuffer?: (buffer: Buffer) => void } };
  if (BUFFER === undefined || CALLBACK === undefined || NEXT_BUFFER === undefined) return false;
  if (typeof handle?.useUserBuffer !== 'function') return false;
  const first = user.readBuffer();
  handle.useUserBuffer(first);
  const changes = changesOf(() => user.readBuffer());
  changes();
  Object.assign(socket, {
    [BUFFER]: first,
    [CALLBACK]: (count: number, bytes: Buffer) => {
      user.received(count, bytes);
      return true;
    },
    [NEXT_BUFFER]: changes,
  });
  return true;
}

/** Ends a connection in a way that cannot be taken for a proper end. */
export function resetSocket(socket: Socket): void {
  // Only TCP has a reset; a socket with TLS keeps the one below it in this member.
  const { _parent: raw = null } = socket as unknown as { readonly _parent?: Socket | null };
  // While a FIN is on its way no reset is possible: the try would leave the handle open for ever, and nobody would hear of it.
  const isEnding = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (isEnding) (raw ?? socket).destroy();
  else (raw ?? socket).resetAndDestroy();
  socket.destroy();
}

/** Tells everything but what comes, which somebody else reads. */
export function listenTo(socket: Socket, user: SocketUser): void {
  socket
    .on('end', () => user.inputEnded())
    .on('drain', () => user.drained())
    // 'close' follows, and says all that there is to know.
    .on('error', () => {})
    .on('close', () => user.closed());
}
