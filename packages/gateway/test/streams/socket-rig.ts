import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { startPlane, within, type Plane, type PlaneDocument } from '@turnpike/testkit';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';

/** A service that speaks WebSocket, and a gateway before it; both end with the test. */
export interface SocketRig {
  readonly plane: Plane;
  readonly document: PlaneDocument;
  /** The ends of the service, in their order. */
  readonly servers: readonly WebSocket[];
  /** The handshakes that the service got. */
  readonly handshakes: readonly IncomingMessage[];
  open(
    options?: ClientOptions & { readonly protocols?: readonly string[]; readonly path?: string },
  ): Promise<WebSocket>;
  /** As `open`, and gives the status of the refusal. */
  refused(options?: ClientOptions & { readonly protocols?: readonly string[] }): Promise<IncomingMessage>;
}

/** What differs from one listener, and one route for everything that may switch. */
export interface SocketPlan {
  readonly policies?: object;
  readonly sections?: object;
  readonly deflate?: boolean;
  readonly talk?: (socket: WebSocket) => void;
}

export async function socketRig(t: TestContext, plan: SocketPlan = {}): Promise<SocketRig> {
  const { policies = {}, sections = {}, deflate = false, talk = echo } = plan;
  const server = createServer((_, response) => response.end('plain'));
  const servers: WebSocket[] = [];
  const handshakes: IncomingMessage[] = [];
  const service = new WebSocketServer({ server, perMessageDeflate: deflate });
  service.on('connection', (socket, request) => {
    servers.push(socket);
    handshakes.push(request);
    socket.on('error', () => {});
    talk(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const document = {
    listeners: { web: { address: '127.0.0.1:0' } },
    services: { live: { endpoints: [`http://127.0.0.1:${port}`] } },
    routes: { live: { match: { path: '/*' }, service: 'live', upgrade: ['websocket'], policies } },
    ...sections,
  };
  const clients: WebSocket[] = [];
  t.after(() => {
    for (const socket of [...clients, ...servers]) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  const plane = await startPlane(document);
  t.after(() => plane.close());

  function connect({ protocols = [], path = '/live', ...options }: Parameters<SocketRig['open']>[0] = {}) {
    const url = `ws://127.0.0.1:${plane.port}${path}`;
    const client = new WebSocket(url, [...protocols], { perMessageDeflate: deflate, ...options });
    clients.push(client);
    client.on('error', () => {});
    return client;
  }

  return {
    plane,
    document,
    servers,
    handshakes,
    async open(options) {
      const client = connect(options);
      await within(once(client, 'open'), 'a WebSocket');
      return client;
    },
    async refused(options) {
      const client = connect(options);
      const [, response] = (await within(once(client, 'unexpected-response'), 'a refusal')) as [
        unknown,
        IncomingMessage,
      ];
      client.terminate();
      return response;
    },
  };
}

function echo(socket: WebSocket): void {
  socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }));
}

/** The next message, as text. */
export async function textFrom(socket: WebSocket): Promise<string> {
  const [data] = (await within(once(socket, 'message'), 'a message')) as [Buffer];
  return data.toString();
}

/** With which code and reason it ends. */
export async function closeOf(socket: WebSocket): Promise<[code: number, reason: string]> {
  const [code, reason] = (await within(once(socket, 'close'), 'the end of a WebSocket')) as [number, Buffer];
  return [code, reason.toString()];
}
