import type { News, NewsStand } from '../core/desk.ts';

type Hear = (news: News) => void;

/** What was learned so far: the latest of each topic, and who wants to hear of it. In the supervisor and in each thread. */
export class NewsBoard implements NewsStand {
  readonly #latest = new Map<string, News>();
  readonly #hearers = new Map<News['topic'], Hear[]>();

  constructor(known: readonly News[] = []) {
    for (const news of known) this.#latest.set(keyOf(news), news);
  }

  /** All that is known, for who comes later. */
  get all(): readonly News[] {
    return [...this.#latest.values()];
  }

  latest<Topic extends News['topic']>(topic: Topic, id: string): Extract<News, { topic: Topic }> | null {
    const news = this.#latest.get(keyOf({ topic, id }));
    return news === undefined ? null : (news as Extract<News, { topic: Topic }>);
  }

  subscribe<Topic extends News['topic']>(
    topic: Topic,
    hear: (news: Extract<News, { topic: Topic }>) => void,
  ): void {
    const hearers = this.#hearers.get(topic) ?? [];
    this.#hearers.set(topic, [...hearers, hear as Hear]);
  }

  publish(news: News): void {
    if (news.topic === 'forgotten') return this.forget(news.what, news.id);
    this.#latest.set(keyOf(news), news);
    for (const hear of this.#hearers.get(news.topic) ?? []) hear(news);
  }

  /** Forgets what is not in the configuration any more. */
  forget(topic: News['topic'], id: string): void {
    this.#latest.delete(keyOf({ topic, id }));
  }
}

function keyOf({ topic, id }: { readonly topic: string; readonly id: string }): string {
  return `${topic} ${id}`;
}
