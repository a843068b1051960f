import type { OpenRedis } from './redis-opener.ts';

/** Opens connections that do nothing but hear what is told on a channel. Redis may lose some of that. */
export function listening(open: OpenRedis, channel: string, heard: (text: string) => void): OpenRedis {
  return async (attempt) => {
    const client = await open(attempt);
    try {
      await client.subscribe(channel, heard);
    } catch (error) {
      client.destroy();
      throw error;
    }
    // There is always something under way on it: the next message.
    return { ...client, close: () => Promise.resolve(client.destroy()) };
  };
}
