// An endpoint in a process of its own: answers everything with its name. Argument: the port, 0 for any. Prints the port.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_, response) => response.end(String(process.pid)));
server.keepAliveTimeout = 0;
server.listen({ port: Number(process.argv[2]), host: process.argv[3] ?? '127.0.0.1', backlog: 64 }, () =>
  console.log((server.address() as AddressInfo).port),
);
