/** What a service says of a response, as far as the model knows of it. */
export interface Said {
  /** In the body, whose length is another for each. */
  readonly version: number;
  readonly tag: string | null;
  readonly control: string;
  readonly ageSeconds: number;
}

/** What a client asks. */
export interface Wanted {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly path: string;
  readonly language: string;
  /** Its `Cache-Control`. */
  readonly wish: string;
  readonly hasCredentials: boolean;
}

/** What is to come of it. */
export interface Expected {
  readonly isAsked: boolean;
  readonly status: number;
  /** Of the body; null: whatever, or none. */
  readonly version: number | null;
  readonly ageSeconds: number | null;
}

interface Entry extends Said {
  readonly bornMs: number;
  readonly lifetimeMs: number;
}

const PASS_MS = 120_000;
const PASS_AFTER_ERROR_MS = 1000;
const TRY_AGAIN_MS = 1000;

/**
 * What a shared cache gives to one client after the other (RFC 9111, RFC 5861), in as few words as it can be said: a map of what is stored
 * where, and until when a place is passed by. A path that begins with `/by-language` varies.
 */
export class CacheModel {
  readonly #entries = new Map<string, Entry>();
  readonly #passes = new Map<string, number>();
  /** Paths of which it is known that they vary. */
  readonly #varied = new Set<string>();

  /** `said` is what the service says now; null: it fails. */
  ask(wanted: Wanted, said: Said | null, nowMs: number): Expected {
    const { method, path, wish } = wanted;
    if (method === 'POST') return this.#change(path, said);
    const place = this.#placeOf(wanted);
    const entry = this.#entries.get(place);
    const passed = throughTo(said);
    if (wish === 'no-store') return passed;
    const isForeign = wanted.hasCredentials && entry !== undefined && !isForAll(entry);
    const use = entry === undefined ? 'ask' : useOf(entry, wish, nowMs);
    if (entry !== undefined && use !== 'ask') {
      const isAsked = use === 'refresh' && !isForeign;
      if (isAsked) this.#fetch({ ...wanted, method: 'GET' }, said, nowMs);
      return { ...given(entry, nowMs), isAsked };
    }
    if (wish === 'only-if-cached') return { isAsked: false, status: 504, version: null, ageSeconds: null };
    const untilMs = this.#passes.get(place) ?? 0;
    const isPassed = untilMs > nowMs;
    if (isPassed && (method === 'HEAD' || wanted.hasCredentials || nowMs < untilMs - PASS_MS + TRY_AGAIN_MS))
      return passed;
    if (method === 'HEAD') {
      if (entry !== undefined && said !== null)
        this.#entries.set(place, afterHead(entry, said, { wanted, nowMs }));
      return { ...passed, version: null };
    }
    return isForeign ? passed : this.#fetch(wanted, said, nowMs);
  }

  #placeOf({ path, language }: Wanted): string {
    return this.#varied.has(path) ? `${path} ${language}` : path;
  }

  /** An unsafe method that does not fail makes all that is stored of its address go (RFC 9111 §4.4). */
  #change(path: string, said: Said | null): Expected {
    if (said === null) return throughTo(null);
    for (const places of [this.#entries, this.#passes])
      for (const place of places.keys()) if (place.split(' ')[0] === path) places.delete(place);
    this.#varied.delete(path);
    return throughTo(said);
  }

  #fetch(wanted: Wanted, said: Said | null, nowMs: number): Expected {
    const place = this.#placeOf(wanted);
    const entry = this.#entries.get(place);
    if (said === null) {
      if (entry !== undefined && mayStandIn(entry, wanted.wish, nowMs))
        return { ...given(entry, nowMs), isAsked: true };
      if (entry === undefined) this.#passes.set(place, nowMs + PASS_AFTER_ERROR_MS);
      return throughTo(null);
    }
    const isSame = entry !== undefined && entry.tag !== null && entry.tag === said.tag;
    const news = entryOf(said, nowMs);
    this.#entries.delete(place);
    if (isStorable(news, wanted, nowMs)) {
      this.#passes.delete(place);
      if (wanted.path.startsWith('/by-language')) this.#varied.add(wanted.path);
      this.#entries.set(this.#placeOf(wanted), news);
      return { ...given(news, nowMs), isAsked: true };
    }
    // What a 304 says not to keep any more is gone, and nobody is told to pass it by.
    if (!isSame) this.#passes.set(place, nowMs + PASS_MS);
    return throughTo(said);
  }
}

function entryOf(said: Said, nowMs: number): Entry {
  const lifetime = seconds(said.control, 's-maxage') ?? seconds(said.control, 'max-age') ?? 0;
  return { ...said, bornMs: nowMs - said.ageSeconds * 1000, lifetimeMs: lifetime * 1000 };
}

function throughTo(said: Said | null): Expected {
  if (said === null) return { isAsked: true, status: 503, version: null, ageSeconds: null };
  return { isAsked: true, status: 200, version: said.version, ageSeconds: null };
}

/** RFC 9111 §3.5: what may be given to others though it was asked for with credentials. */
function isForAll({ control }: Entry): boolean {
  return /s-maxage|must-revalidate/.test(control);
}

function isStorable(entry: Entry, { hasCredentials }: Wanted, nowMs: number): boolean {
  const { control, tag, bornMs, lifetimeMs } = entry;
  if (/no-store|private/.test(control) || (hasCredentials && !isForAll(entry))) return false;
  const leftMs = lifetimeMs - (nowMs - bornMs);
  const isGood = leftMs > 0 && !control.includes('no-cache');
  return (
    tag !== null ||
    isGood ||
    leftMs + Math.max(window(entry, 'while-revalidate'), window(entry, 'if-error')) > 0
  );
}

function useOf(entry: Entry, wish: string, nowMs: number): 'give' | 'refresh' | 'ask' {
  const ageMs = nowMs - entry.bornMs;
  const mostMs = (seconds(wish, 'max-age') ?? Infinity) * 1000;
  if (entry.control.includes('no-cache') || wish === 'no-cache' || ageMs > mostMs) return 'ask';
  const staleMs = ageMs - entry.lifetimeMs;
  if (staleMs < 0) return 'give';
  return staleMs < window(entry, 'while-revalidate') && mostMs === Infinity ? 'refresh' : 'ask';
}

function mayStandIn(entry: Entry, wish: string, nowMs: number): boolean {
  const windowMs = window(entry, 'if-error');
  if (wish === 'no-cache' || windowMs === 0) return false;
  return nowMs - entry.bornMs < entry.lifetimeMs + windowMs;
}

/** RFC 9111 §4.3.5: fresh again if it is about the same and may be kept, else stale. */
function afterHead(
  entry: Entry,
  said: Said,
  { wanted, nowMs }: { readonly wanted: Wanted; readonly nowMs: number },
): Entry {
  const news = { ...entryOf(said, nowMs), version: entry.version, tag: entry.tag };
  const isSame = said.version === entry.version && (said.tag === null || said.tag === entry.tag);
  if (isSame && isStorable(news, wanted, nowMs)) return news;
  return { ...entry, lifetimeMs: Math.min(entry.lifetimeMs, nowMs - entry.bornMs) };
}

function given({ version, bornMs }: Entry, nowMs: number): Omit<Expected, 'isAsked'> {
  return { status: 200, version, ageSeconds: Math.floor((nowMs - bornMs) / 1000) };
}

function window({ control }: Entry, which: string): number {
  return /must-revalidate|no-cache/.test(control) ? 0 : (seconds(control, `stale-${which}`) ?? 0) * 1000;
}

function seconds(control: string, name: string): number | null {
  const digits = new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(control)?.[1];
  return digits === undefined ? null : Number(digits);
}
