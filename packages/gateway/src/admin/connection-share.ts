import type { Server, Socket } from 'node:net';

/**
 * Closes connections from one address beyond so many: whoever holds all that a server takes would keep out probes and operators,
 * and needs no token for that.
 */
export function shareConnections(server: Server, mostFromOne: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > mostFromOne) return socket.destroy();
    open.set(address, count);
    return socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}
