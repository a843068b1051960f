import type { Ports } from '../../domain/ports.ts';
import { pause } from '../../domain/ports.ts';
import type { News } from '../engine.ts';
import { listenOn, type PostgresListener, type PostgresSettings } from './postgres-client.ts';

const CHANNEL = 'turnpike';
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

/** What a notification says: which counter, and where it stands. Nothing of what was changed goes this way. */
export function newsText({ topic, number }: News): string {
  return `${topic} ${number}`;
}

/**
 * Hears what others announce, on a connection of its own. When that breaks, it is made again with growing pauses; what was
 * announced meanwhile is lost, which is why everybody asks now and then as well.
 */
export function newsChannel(
  settings: PostgresSettings,
  ports: Ports,
  hear: (news: News) => void,
): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;

  const onText = (text: string): void => {
    const [, topic, number] = /^([a-z]+) (\d{1,15})$/.exec(text) ?? [];
    if (topic !== undefined) hear({ topic, number: Number(number) });
  };

  async function untilLost(): Promise<void> {
    const lost = Promise.withResolvers<void>();
    const listener: PostgresListener = await listenOn(settings, CHANNEL, { onText, onEnd: lost.resolve });
    signal.addEventListener('abort', () => lost.resolve(), { once: true });
    if (signal.aborted) lost.resolve();
    await lost.promise;
    await listener.close();
  }

  async function keepListening(): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await untilLost();
        failures = 0;
      } catch (error) {
        ports.log.debug('cannot listen to the database', { error });
      }
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
      await pause(ports.clock, longest * (0.5 + ports.random() / 2), signal);
    }
  }

  void keepListening(); // it never rejects
  return () => stopping.abort();
}

/** The channel of `newsText`. */
export const NEWS_CHANNEL = CHANNEL;
