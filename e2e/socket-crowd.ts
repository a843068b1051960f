import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A service that answers each message with the same. */
export interface EchoService {
  readonly url: string;
  readonly sockets: WebSocketServer;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function echoService(): Promise<EchoService> {
  const server: Server = createServer((_, response) => response.end('plain'));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => socket.send(data));
    socket.on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Many clients with a WebSocket each. */
export interface SocketCrowd {
  readonly open: number;
  /** How those ended that did, by code and reason. */
  readonly ends: ReadonlyMap<string, number>;
  /** When each ended, in ms. */
  readonly endedAtMs: readonly number[];
  /** Sends something through every one that is open, and waits until it is back. */
  roundTrip(): Promise<void>;
  /** Resolves when none is open. */
  gone(): Promise<void>;
}

/** Opens them, some at a time: a backlog of the kernel is no part of what is tested. */
export async function socketCrowd(url: string, size: number, atOnce = 100): Promise<SocketCrowd> {
  const ends = new Map<string, number>();
  const endedAtMs: number[] = [];
  const sockets = new Set<WebSocket>();
  let whenGone: (() => void) | null = null;

  function ended(socket: WebSocket, code: number, reason: Buffer): void {
    const end = `${code} ${reason.toString()}`;
    ends.set(end, (ends.get(end) ?? 0) + 1);
    endedAtMs.push(performance.now());
    sockets.delete(socket);
    if (sockets.size === 0) whenGone?.();
  }

  async function openOne(): Promise<void> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, 'open');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', (code, reason) => ended(socket, code, reason));
  }

  for (let opened = 0; opened < size; opened += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, size - opened) }, openOne));

  return {
    get open() {
      return sockets.size;
    },
    ends,
    endedAtMs,
    async roundTrip() {
      await Promise.all(
        Array.from(sockets, async (socket) => {
          const echoed = once(socket, 'message');
          socket.send('still there');
          await echoed;
        }),
      );
    },
    async gone() {
      if (sockets.size > 0) await new Promise<void>((resolve) => (whenGone = resolve));
    },
  };
}
