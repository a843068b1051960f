import type { Exchange } from '../../core/exchange.ts';
import type { Clock } from '../../core/ports.ts';
import type { RemoteList, RemoteServer } from './remote-server.ts';

/** What a server lists, asked for no more often than it takes. */
export interface RemoteLists {
  /** Null: the server does not answer. */
  get(exchange: Exchange): Promise<RemoteList | null>;
}

interface Kept {
  readonly list: RemoteList;
  readonly untilMs: number;
}

/** Callers whose own lists are kept; who comes after them is asked for anew. */
const MAX_CALLERS = 256;
/** However long a server says: that a tool is gone should be seen on the same day. */
const MAX_TTL_MS = 60 * 60 * 1000;

/**
 * Keeps what a server lists for as long as it says, for everybody or for each caller as it says, and asks once for all who want to
 * know at the same time.
 */
export function remoteLists(server: RemoteServer, clock: Clock): RemoteLists {
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Promise<RemoteList | null>>();
  /** Whether the last list was for everybody, so that the next most likely is, too. */
  let isPublic = false;

  function fresh(key: string): RemoteList | null {
    const found = kept.get(key);
    return found !== undefined && found.untilMs > clock.now() ? found.list : null;
  }

  function keep(key: string, list: RemoteList): void {
    if (list.ttlMs <= 0) return;
    kept.delete(key);
    kept.set(key, { list, untilMs: clock.now() + Math.min(list.ttlMs, MAX_TTL_MS) });
    const [oldest] = kept.keys();
    if (kept.size > MAX_CALLERS && oldest !== undefined) kept.delete(oldest);
  }

  async function askServer(exchange: Exchange, key: string): Promise<RemoteList | null> {
    try {
      const list = await server.list(exchange);
      if (list === null) return null;
      isPublic = list.isPublic;
      keep(list.isPublic ? EVERYBODY : key, list);
      return list;
    } catch {
      // The breaker and the metrics of its service know why; here it only has no tools at the moment.
      return null;
    } finally {
      asked.delete(key);
    }
  }

  return {
    get(exchange) {
      const caller = `caller ${exchange.identity?.key ?? ''}`;
      const found = fresh(EVERYBODY) ?? fresh(caller);
      if (found !== null) return Promise.resolve(found);
      const key = isPublic ? EVERYBODY : caller;
      const waiting = asked.get(key) ?? askServer(exchange, key);
      asked.set(key, waiting);
      return waiting;
    },
  };
}

const EVERYBODY = '';
