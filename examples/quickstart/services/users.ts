import type { IncomingMessage, Server } from 'node:http';
import { serveJson } from './json-server.ts';

const USERS = [
  { id: 1, name: 'Ada Lovelace', knownFor: 'the first program', likes: ['poetry', 'engines'] },
  { id: 2, name: 'Grace Hopper', knownFor: 'the first compiler', likes: ['nanoseconds', 'moths'] },
  { id: 3, name: 'Radia Perlman', knownFor: 'the spanning tree', likes: ['bridges', 'trees'] },
];

/** The demo service `users`: three people, and an echo of whatever it is asked. */
export function startUsers(port: number): Promise<Server> {
  return serveJson(port, (request, _response, { pathname }) => {
    if (pathname === '/users') return USERS;
    if (pathname === '/echo' || pathname === '/v2/echo') return echo(request);
    const id = /^\/users\/(\d+)$/.exec(pathname)?.[1];
    return USERS.find((user) => String(user.id) === id);
  });
}

function echo({ method, url, headers }: IncomingMessage): object {
  return { youAskedFor: `${method} ${url}`, iWasTold: headers };
}
