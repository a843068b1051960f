import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { serveJson } from './json-server.ts';

interface Order {
  readonly id: number;
  readonly user: number;
  readonly dish: string;
  readonly state: string;
}

const STATES = ['received', 'in the oven', 'on a bicycle', 'at your door'];

/** The demo service `orders`: a small kitchen with a stream of events and a WebSocket that answers. */
export async function startOrders(port: number): Promise<Server> {
  const orders: Order[] = [
    { id: 1, user: 1, dish: 'difference engine cake', state: 'at your door' },
    { id: 2, user: 2, dish: 'nanosecond noodles', state: 'in the oven' },
    { id: 3, user: 1, dish: 'punched card crisps', state: 'received' },
  ];
  const server = await serveJson(port, (request, response, { pathname }) => {
    if (pathname === '/orders' && request.method === 'POST') return takeOrder(orders, request, response);
    if (pathname === '/orders') return orders;
    if (pathname === '/orders/stream') return streamStates(response);
    const user = /^\/by-user\/(\d+)$/.exec(pathname)?.[1];
    if (user !== undefined) return orders.filter((order) => String(order.user) === user);
    const id = /^\/orders\/(\d+)$/.exec(pathname)?.[1];
    return orders.find((order) => String(order.id) === id);
  });
  const sockets = new WebSocketServer({ server, path: '/live' });
  sockets.on('connection', (socket) => {
    socket.send('Welcome to the kitchen. Say something.');
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
  });
  return server;
}

async function takeOrder(
  orders: Order[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<unknown> {
  const wish = await json(request).catch(() => null);
  const { user = 1, dish = 'surprise' } = (wish ?? {}) as { user?: number; dish?: string };
  const order = { id: orders.length + 1, user, dish, state: STATES[0] ?? '' };
  orders.push(order);
  response.statusCode = 201;
  response.setHeader('location', `/orders/${order.id}`);
  return order;
}

/** Server-sent events, a third of a second apart. */
async function streamStates(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  for (const state of STATES) {
    response.write(`data: ${JSON.stringify({ order: 2, state })}\n\n`);
    await sleep(300);
  }
  response.end();
}
