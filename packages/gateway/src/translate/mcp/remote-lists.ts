import type { Exchange } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import type { RemoteList } from './remote-server.ts';

/** What a server has of one kind, asked for no more often than it takes. */
export interface RemoteLists {
  /** Null: the server does not answer. */
  get(exchange: Exchange): Promise<RemoteList | null>;
}

interface Kept {
  readonly list: RemoteList;
  readonly untilMs: number;
}

/** A question that is under way. */
interface Asked {
  /** In whose name. */
  readonly caller: string;
  readonly list: Promise<RemoteList | null>;
}

/** Callers whose own lists are kept; who comes after them is asked for anew. */
const MAX_CALLERS = 256;
/** What the lists of one server may take, all together. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** However long a server says: that a tool is gone should be seen on the same day. */
const MAX_TTL_MS = 60 * 60 * 1000;
/** Whose list is that of all. */
const EVERYBODY = '';

/**
 * Keeps what a server lists for as long as it says, for everybody or for each caller as it says, and asks once for all who want to
 * know at the same time.
 */
export function remoteLists(
  list: (exchange: Exchange) => Promise<RemoteList | null>,
  clock: Clock,
): RemoteLists {
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Asked>();
  let keptBytes = 0;
  /** Whether the last list was for everybody, so that the next most likely is, too. */
  let isPublic = false;

  function fresh(key: string): RemoteList | null {
    const found = kept.get(key);
    return found !== undefined && found.untilMs > clock.now() ? found.list : null;
  }

  function forget(key: string): void {
    keptBytes -= kept.get(key)?.list.bytes ?? 0;
    kept.delete(key);
  }

  function keep(key: string, found: RemoteList): void {
    forget(key);
    if (found.ttlMs <= 0) return;
    kept.set(key, { list: found, untilMs: clock.now() + Math.min(found.ttlMs, MAX_TTL_MS) });
    keptBytes += found.bytes;
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_CALLERS && keptBytes <= MAX_KEPT_BYTES) return;
      forget(oldest);
    }
  }

  async function askServer(exchange: Exchange, caller: string): Promise<RemoteList | null> {
    try {
      const found = await list(exchange);
      if (found === null) return null;
      isPublic = found.isPublic;
      keep(found.isPublic ? EVERYBODY : caller, found);
      return found;
    } catch {
      // The breaker and the metrics of its service know why; here it only has nothing at the moment.
      return null;
    }
  }

  function ask(exchange: Exchange, caller: string): Asked {
    const key = isPublic ? EVERYBODY : caller;
    const waiting = asked.get(key);
    if (waiting !== undefined) return waiting;
    const first = { caller, list: askServer(exchange, caller).finally(() => asked.delete(key)) };
    asked.set(key, first);
    return first;
  }

  async function get(exchange: Exchange): Promise<RemoteList | null> {
    const caller = `caller ${exchange.identity?.key ?? ''}`;
    const found = fresh(EVERYBODY) ?? fresh(caller);
    if (found !== null) return found;
    const first = ask(exchange, caller);
    const answer = await first.list;
    if (isFor(caller, first, answer)) return answer;
    // What was asked for everybody turned out to be for the one in whose name it was asked.
    const second = ask(exchange, caller);
    const own = await second.list;
    return isFor(caller, second, own) ? own : null;
  }

  return { get };
}

function isFor(caller: string, asked: Asked, list: RemoteList | null): boolean {
  return list === null || list.isPublic || asked.caller === caller;
}
