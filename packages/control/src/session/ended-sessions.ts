/** So many are remembered; beyond that, those that ended first are forgotten. */
const MOST_ENDED = 10_000;

/** Sessions that somebody has left before their time: whoever has kept the cookie must not go on with it. */
export interface EndedSessions {
  add(mark: string): void;
  has(mark: string): boolean;
}

/** Of this gateway, since its start. Only what was a session is added, so nobody can push others out but who has sessions. */
export function endedSessions(): EndedSessions {
  const marks = new Set<string>();
  return {
    add(mark) {
      marks.add(mark);
      const [oldest] = marks;
      if (marks.size > MOST_ENDED && oldest !== undefined) marks.delete(oldest);
    },
    has: (mark) => marks.has(mark),
  };
}
