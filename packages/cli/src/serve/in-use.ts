import { once } from 'node:events';
import { createServer } from 'node:net';
import type { ListenerConfig } from '@turnpike/config';

/**
 * The listeners whose address another program listens on already. To open them would not tell: the threads of a gateway
 * share their ports with each other, and so with another gateway of the same user, which would get a part of the requests.
 */
export async function listenersInUse(
  listeners: readonly ListenerConfig[],
): Promise<readonly ListenerConfig[]> {
  const taken: ListenerConfig[] = [];
  for (const listener of listeners) if (await isInUse(listener)) taken.push(listener);
  return taken;
}

async function isInUse({ address: { host, port } }: ListenerConfig): Promise<boolean> {
  if (port === 0) return false;
  const server = createServer();
  try {
    server.listen({ port, exclusive: true, ...(host !== '' && { host }) });
    await once(server, 'listening');
    return false;
  } catch (error) {
    // Whatever else is wrong with the address, the gateway will say.
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  } finally {
    server.close();
    if (server.listening) await once(server, 'close');
  }
}
