import type { EndedSessions, SessionNews } from '../../core/desk.ts';
import type { Session } from './session.ts';

/** Tells which sessions were ended before their time. */
export type IsEnded = (session: Session) => boolean;

/** How the news name one session of ours, which no `sid` of a provider can be taken for. */
export function ownName({ id }: Session): string {
  return `turnpike:${id}`;
}

/**
 * Reads the news of one provider: by the `sid` of the ID token or by its `sub` (OpenID Connect Back-Channel Logout 1.0 §2.5),
 * and by our own name. Only sessions are meant that had begun by then: somebody who logs in anew is in again, even if the
 * provider goes on with the session, and the `sid`, that it had.
 */
export function endedSessions(latest: () => SessionNews | null): IsEnded {
  let news: SessionNews | null = null;
  let bySession = new Map<string, number>();
  let bySubject = new Map<string, number>();
  let bySubjectOfAny = new Map<string, number>();

  function read(): void {
    const current = latest();
    if (current === news) return;
    news = current;
    const ended = current?.ended ?? [];
    bySession = latestEnds(ended, ({ session }) => session);
    bySubject = latestEnds(ended, ({ session, subject }) => (session === null ? subject : null));
    bySubjectOfAny = latestEnds(ended, ({ subject }) => subject);
  }

  return (session) => {
    read();
    if (news === null) return false;
    const { sid, sub } = session.claims;
    const endedAtMs = Math.max(
      endOf(bySession, ownName(session)),
      endOf(bySession, sid),
      // Without a name it may be any of its subject: then it is the one that ended.
      endOf(sid === undefined ? bySubjectOfAny : bySubject, sub),
    );
    return session.beganAtMs <= endedAtMs;
  };
}

function latestEnds(
  ended: readonly EndedSessions[],
  keyOf: (entry: EndedSessions) => string | null,
): Map<string, number> {
  const ends = new Map<string, number>();
  for (const entry of ended) {
    const key = keyOf(entry);
    if (key !== null) ends.set(key, Math.max(entry.endedAtMs, endOf(ends, key)));
  }
  return ends;
}

function endOf(ends: ReadonlyMap<string, number>, key: unknown): number {
  return (typeof key === 'string' ? ends.get(key) : undefined) ?? -Infinity;
}
