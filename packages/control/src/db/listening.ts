import type { Ports } from '../domain/ports.ts';
import type { Topic } from '../domain/store.ts';
import type { Database } from './database.ts';
import type { News } from './engine.ts';

const TOPICS: readonly string[] = ['revision', 'keys', 'rollout', 'tokens', 'workspaces'] satisfies Topic[];

/** Tells listeners what was changed. */
export interface Listening {
  /** Something was committed here. */
  readonly announce: (news: News) => void;
  readonly listen: (hear: (topic: Topic) => void) => () => void;
  close(): void;
}

/**
 * News come from here, from the database, and from asking it every `pollMs`, because those of the database may be lost. Each
 * number is told once, whoever is first. When the database could not be asked, everything may have changed. Whoever
 * follows it is called each time, and finds out by itself whether it is there.
 */
export function listening(db: Database, pollMs: number, { clock, log, random }: Ports): Listening {
  const listeners = new Set<(topic: Topic) => void>();
  const known = new Map<string, number>();
  let stopHearing = nothing;
  let cancelPoll = nothing;
  let isMissed = false;

  function announce(news: News): void {
    if (news.number > (known.get(news.topic) ?? -1)) heard(news);
  }

  function heard({ topic, number }: News): void {
    known.set(topic, number);
    if (isTopic(topic)) tell(topic);
  }

  function tell(topic: Topic): void {
    for (const hear of listeners) hear(topic);
  }

  async function poll(): Promise<void> {
    try {
      const rows = await db.read((queries) => queries.selectFrom('counters').selectAll().execute());
      // A number may even be lower, after a backup was restored.
      for (const { name, value } of rows)
        if (known.get(name) !== value) heard({ topic: name, number: value });
      if (isMissed) TOPICS.filter(isTopic).forEach(tell);
      isMissed = false;
    } catch (error) {
      isMissed = true;
      log.debug('the database cannot be asked for changes', { error });
    }
    tell('revision');
    if (listeners.size > 0) pollLater();
  }

  /** A little earlier or later than the others of the fleet. */
  function pollLater(): void {
    cancelPoll();
    cancelPoll = clock.after(pollMs * (0.8 + 0.4 * random()), () => void poll()); // it never rejects
  }

  function begin(): void {
    stopHearing = db.engine.hear(announce);
    void poll(); // it never rejects
  }

  function end(): void {
    stopHearing();
    cancelPoll();
  }

  return {
    announce,
    listen(hear) {
      listeners.add(hear);
      if (listeners.size === 1) begin();
      return () => {
        if (listeners.delete(hear) && listeners.size === 0) end();
      };
    },
    close() {
      listeners.clear();
      end();
    },
  };
}

function nothing(): void {}

function isTopic(name: string): name is Topic {
  return TOPICS.includes(name);
}
