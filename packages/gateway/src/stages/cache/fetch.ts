import type { CacheConfig } from '@turnpike/config';
import { bodyLength, isWhole, UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import type { CacheMemory, CachePurge, CacheUses, Fill } from '../../core/cache-memory.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import type { Clock } from '../../core/ports.ts';
import type { SharedCache } from '../../core/shared-cache.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Asking } from './asking.ts';
import { encodeHead, type CachedHead, type ResponseHead, type TaggedVariant } from './cached-head.ts';
import { chosen, joined } from './composed.ts';
import { withCookies, withOwnCookies, withoutOwnCookies } from './cookies.ts';
import { FillSink, TeeBody } from './fill-sink.ts';
import { judge, judgeHead, type FetchPlan, type Keepable, type NotKept } from './judge.ts';
import { fittingAt, type Fitting } from './look.ts';
import { ownExchange } from './own-exchange.ts';
import { isPlacedAt, placeFill } from './place-fill.ts';
import type { Timing } from './rules/age.ts';
import { completion } from './rules/partial.ts';
import { updatedFields } from './rules/stored-head.ts';
import { tagsOf } from './rules/tags.ts';
import { mayStandIn } from './rules/use.ts';
import { askConditionally, deleteConditions, hasValidator, isAbout } from './rules/validation.ts';
import { strongEntityTagOf } from './rules/validators.ts';
import type { SearchRules } from './search-rules.ts';
import type { Servable } from './serve.ts';
import { keyedFields } from './unkeyed.ts';

/** The memory that a route uses. */
export type RouteMemory = CacheMemory<CachedHead> & CachePurge & CacheUses;

/** What the stage works with. */
export interface FetchPorts {
  readonly memory: RouteMemory;
  /** What gateways share, behind the memory; null: nothing. */
  readonly shared: SharedCache | null;
  readonly next: Handler;
  readonly rules: SearchRules;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
}

/** A fill that was begun for a request. */
export interface Begun {
  readonly key: string;
  readonly fill: Fill<CachedHead>;
  /** What is there, held, to be validated or to stand in; null: nothing. */
  readonly stored: Fitting | null;
  /** A part of it, held, that what is asked for may complete; null: none. */
  readonly part: Fitting | null;
  /** For other request fields: the service may say that one of them will do. */
  readonly others: readonly TaggedVariant[];
  /** `Range`: only a part is asked for; null: all of it. */
  readonly range: string | null;
  /** Whether it is passed by, and this is to see whether that still has to be. */
  readonly isPassed: boolean;
  /** Who waits for the answer hears what comes before it, such as early hints (RFC 8297). */
  readonly inform: Exchange['inform'];
}

/** Nothing is there that is of use. */
export const ALONE = { stored: null, part: null, others: [], range: null, isPassed: false } as const;

/** What came of asking the service. */
export type Fetched = { readonly own: Exchange } & (
  | {
      readonly kind: 'stored';
      readonly servable: Servable;
      readonly status: number;
      /** `once`: it is still the same, but the service wants it kept no more. */
      readonly how: 'new' | 'validated' | 'once';
    }
  /** The service failed, and what is stored stands in. */
  | {
      readonly kind: 'stood-in';
      readonly servable: Fitting;
      readonly status: number | null;
      readonly detail: string;
    }
  /** It is for the one who asked alone, who says when it is over. */
  | {
      readonly kind: 'reply';
      readonly reply: Reply;
      readonly reason: NotKept;
      readonly over: () => void;
    }
);

/** How long nobody waits for an answer that another one gets, where it turned out that it is not stored (hit-for-miss). */
export const PASS_MS = 120_000;
/** The same after an error: it may be over in a moment. */
const PASS_AFTER_ERROR_MS = 1000;

/** Asks the service in our own name, and stores what may be stored. Rejects with what the service's failure is. */
export class Fetch {
  readonly #plan: FetchPlan;
  readonly #ports: FetchPorts;
  readonly #asking: Asking;
  readonly #begun: Begun;
  readonly #own: Exchange;
  readonly #overdue: Deadline;
  /** Whether the service is asked for what a part lacks, though all of it is wanted. */
  readonly #isForRest: boolean;
  /** What the answer is put together with: held until nothing is left to do. */
  #other: Fitting | null;
  #isOver = false;

  constructor(plan: FetchPlan, ports: FetchPorts, asking: Asking, begun: Begun) {
    this.#plan = plan;
    this.#ports = ports;
    this.#asking = asking;
    this.#begun = begun;
    const { exchange, query } = asking;
    const headers = keyedFields(exchange, plan.config);
    deleteConditions(headers);
    this.#other = begun.part;
    this.#isForRest = begun.range === null && askForRest(headers, begun.part, plan.config);
    if (begun.range !== null) headers.append('Range', begun.range);
    const { body } = exchange;
    const { nowMs } = ports.wheel;
    this.#own = ownExchange(exchange, {
      headers,
      body: typeof body === 'string' ? body : null,
      query,
      nowMs,
      inform: begun.inform,
    });
    this.#overdue = new Deadline(() => this.#own.cancel('DEADLINE_EXCEEDED'));
    if (plan.timeoutMs !== null) {
      this.#own.deadlineAtMs = nowMs + plan.timeoutMs;
      ports.wheel.set(this.#overdue, plan.timeoutMs);
    }
  }

  async run(): Promise<Fetched> {
    const isConditional = this.#makeConditional();
    const askedAtMs = this.#ports.clock.epoch();
    let reply: Reply;
    try {
      reply = withoutOwnCookies(await this.#ports.next(this.#own), this.#own);
    } catch (error) {
      return this.#failed(error);
    }
    const timing = { askedAtMs, answeredAtMs: this.#ports.clock.epoch() };
    const { stored } = this.#begun;
    if (reply.status === 304 && isConditional) {
      if (stored === null) return this.#chosen(reply, timing);
      if (isAbout(reply.headers, stored.head.headers)) return this.#validated(reply, stored, timing);
      return this.#askAgain(reply);
    }
    if (reply.status === 206 && this.#other !== null) return this.#joined(this.#other, reply, timing);
    return reply.status === 416 && this.#isForRest ? this.#askAgain(reply) : this.#answered(reply, timing);
  }

  /** Asks whether what is stored will do, or else whether something for other request fields will. */
  #makeConditional(): boolean {
    const { stored, others } = this.#begun;
    if (stored === null ? others.length === 0 : !hasValidator(stored.head.headers)) return false;
    const tags = others.map(({ tag }) => tag);
    askConditionally(this.#own.headers, stored?.head.headers ?? NO_FIELDS, tags);
    return true;
  }

  /** It is about something that we do not have (RFC 9111 §4.3.3): asks for all of it. */
  #askAgain(reply: Reply): Promise<Fetched> {
    this.#drop(reply);
    this.#begun.stored?.release();
    return new Fetch(this.#plan, this.#ports, this.#asking, { ...this.#begun, ...ALONE }).run();
  }

  // --- what is put together ----------------------------------------------------------------------------------------

  /** The service says that what is stored for other request fields will do: it is stored for these as well (RFC 9111 §4.3.4). */
  #chosen(reply: Reply, timing: Timing): Fetched | Promise<Fetched> {
    const tag = strongEntityTagOf(reply.headers);
    const key = this.#begun.others.find((other) => other.tag === tag)?.key;
    const other = key === undefined ? null : fittingAt(this.#ports.memory, key);
    this.#other = other;
    const isThere = other?.head.status === 200 && strongEntityTagOf(other.head.headers) === tag;
    // A cookie is for this one alone, and the response of another has none of it.
    if (other === null || !isThere || reply.headers.has('set-cookie')) return this.#askAgain(reply);
    this.#own.dropReply(reply);
    return this.#answered(chosen(other, reply), timing, 304);
  }

  /** The part that came is stored with the one that is there, if they belong together and there is room for that. */
  #joined(part: Fitting, reply: Reply, timing: Timing): Fetched | Promise<Fetched> {
    const both = joined(part, reply);
    const keepable = both === null ? 'part' : judge(this.#plan, this.#asking, both, timing);
    const servable = both === null || typeof keepable === 'string' ? 'part' : this.#keep(both, keepable);
    if (typeof servable !== 'string')
      return { kind: 'stored', own: this.#own, servable, status: reply.status, how: 'new' };
    // Of all that is wanted it is not all.
    if (this.#isForRest) return this.#askAgain(reply);
    return servable === 'part' ? this.#answered(reply, timing) : this.#notKept(reply, servable);
  }

  // --- failures ----------------------------------------------------------------------------------------------------

  #failed(error: unknown): Fetched {
    this.#over();
    const standIn = error instanceof GatewayError ? this.#standIn(null, error.code.toLowerCase()) : null;
    if (standIn !== null) return standIn;
    this.#letGo(PASS_AFTER_ERROR_MS);
    throw error;
  }

  /** What is stored, if it may be given in place of an error (RFC 5861 §4). */
  #standIn(status: number | null, detail: string): Fetched | null {
    const { stored, fill } = this.#begun;
    const { wishes } = this.#asking;
    if (stored === null || !mayStandIn(stored.head.freshness, wishes, this.#ports.clock.epoch())) return null;
    fill.abandon();
    return { kind: 'stood-in', own: this.#own, servable: stored, status, detail };
  }

  /** Lets those go who wait. What is there stays there, as long as it is better than nothing. */
  #letGo(passMs: number): void {
    const { stored, fill } = this.#begun;
    if (stored !== null || !this.#pass(passMs)) fill.abandon();
    stored?.release();
  }

  /** For that long nobody waits here for somebody else. False: there is no room for that. */
  #pass(passMs: number): boolean {
    const { fill } = this.#begun;
    const { config, route } = this.#plan;
    const { address } = this.#asking;
    const head = encodeHead({ kind: 'pass', untilMs: this.#ports.clock.epoch() + passMs });
    const tags = tagsOf(NO_FIELDS, { address, route }, config) ?? [];
    const isOpen = fill.open({ head, length: 0, tags, maxBytes: 0 });
    if (isOpen) fill.commit();
    return isOpen;
  }

  // --- answers -----------------------------------------------------------------------------------------------------

  /** `said` is what the service itself said, if this is put together from more. */
  #answered(reply: Reply, timing: Timing, said = reply.status): Fetched {
    const { status, code } = reply;
    const standIn = FAILURES.has(status) ? this.#standIn(status, code.toLowerCase()) : null;
    if (standIn !== null) {
      this.#drop(reply);
      return standIn;
    }
    const keepable = judge(this.#plan, this.#asking, reply, timing);
    const servable = typeof keepable === 'string' ? keepable : this.#keep(reply, keepable);
    if (typeof servable === 'string') return this.#notKept(reply, servable);
    this.#begun.stored?.release();
    const how = said === 304 ? 'validated' : 'new';
    return { kind: 'stored', own: this.#own, servable, status: said, how };
  }

  #notKept(reply: Reply, reason: NotKept): Fetched {
    const { stored, fill, key } = this.#begun;
    if (reply.status >= 500) {
      this.#letGo(PASS_AFTER_ERROR_MS);
    } else {
      // It takes the place of what was there, which must not be given any more.
      const isPassed = reason !== 'busy' && this.#pass(PASS_MS);
      if (!isPassed) fill.abandon();
      if (!isPassed && stored !== null) this.#ports.memory.remove(key);
      stored?.release();
    }
    this.#ports.wheel.remove(this.#overdue);
    const given = { ...reply, headers: withOwnCookies(reply.headers, this.#own) };
    return { kind: 'reply', own: this.#own, reply: given, reason, over: () => this.#over() };
  }

  /** Stores a reply, and gives what the one who asked gets. */
  #keep(reply: Reply, { head, whose, tags }: Keepable): Servable | NotKept {
    const { memory, rules } = this.#ports;
    const { maxObjectBytes: maxBytes } = this.#plan.config;
    rules.learn(this.#asking.address, reply.headers);
    const fill = placeFill(memory, this.#asking, {
      begun: this.#begun,
      headers: reply.headers,
      whose,
      tags,
    });
    if (fill === null) return 'busy';
    const length = bodyLength(reply.body);
    if (!fill.open({ head: encodeHead(head), length, tags, maxBytes })) return 'too-large';
    return this.#fillWith(fill, reply, { ...head, headers: this.#forAsker(head.headers, reply) });
  }

  /** Cookies are for the one who asked. */
  #forAsker(stored: Headers, { headers }: Reply): Headers {
    return withOwnCookies(withCookies(stored, headers), this.#own);
  }

  #fillWith(fill: Fill<CachedHead>, { body }: Reply, head: ResponseHead): Servable {
    if (isWhole(body)) {
      const text = body ?? '';
      fill.write(Buffer.from(text, 'latin1'));
      fill.commit();
      this.#over();
      return { head, length: text.length, body: (from, to) => text.slice(from, to) || null, release() {} };
    }
    const shared = body.length === UNKNOWN_LENGTH ? null : fill.share();
    return shared === null ? this.#passedOn(fill, body, head) : this.#followed(fill, body, { head, shared });
  }

  /** The one who asked gets it as it comes. */
  #passedOn(fill: Fill<CachedHead>, body: BodySource, head: ResponseHead): Servable {
    const tee = new TeeBody(body, fill, () => this.#over());
    return { head, length: body.length, body: () => tee, release: () => tee.leave() };
  }

  /** The one who asked follows the fill as all others do. */
  #followed(
    fill: Fill<CachedHead>,
    body: BodySource,
    { head, shared }: { readonly head: ResponseHead; readonly shared: Omit<Servable, 'head'> },
  ): Servable {
    body.readTo(new FillSink(fill, body, () => this.#over()));
    const { length } = shared;
    return { head, length, body: (from, to) => shared.body(from, to), release: () => shared.release() };
  }

  // --- 304 ---------------------------------------------------------------------------------------------------------

  /** What is stored is still the same: it gets the fields of the 304 and is fresh again (RFC 9111 §4.3.4). */
  #validated(reply: Reply, stored: Fitting, timing: Timing): Fetched {
    const { fill, key } = this.#begun;
    const { status, fetchMs } = stored.head;
    const headers = updatedFields(stored.head.headers, reply.headers);
    this.#drop(reply);
    const keepable = judgeHead(this.#plan, this.#asking, { status, headers, timing });
    const isKept = typeof keepable !== 'string' && isPlacedAt(key, this.#asking, keepable);
    // What must not be kept any more is given this once: it is what the service has just said.
    const head = isKept ? { ...keepable.head, fetchMs } : { ...stored.head, headers };
    if (isKept) stored.replaceHead(encodeHead(head), fill.since);
    else this.#ports.memory.remove(key);
    fill.abandon();
    const servable: Servable = {
      head: { ...head, headers: this.#forAsker(head.headers, reply) },
      length: stored.length,
      body: (from, to) => stored.body(from, to),
      release: () => stored.release(),
    };
    const how = isKept ? 'validated' : 'once';
    return { kind: 'stored', own: this.#own, servable, status: reply.status, how };
  }

  // --- the end -----------------------------------------------------------------------------------------------------

  /** The reply is for nobody. */
  #drop(reply: Reply): void {
    this.#own.dropReply(reply);
    this.#over();
  }

  /** Nothing is left to do at the service. */
  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ports.wheel.remove(this.#overdue);
    this.#other?.release();
    this.#own.end();
  }
}

/** Asks only for what a part lacks, if that can be told and all of it may be stored. */
function askForRest(headers: Headers, part: Fitting | null, { maxObjectBytes }: CacheConfig): boolean {
  const rest = part === null ? null : completion(part.head.headers);
  if (rest === null || rest.completeLength > maxObjectBytes) return false;
  headers.append('Range', rest.range);
  headers.append('If-Range', rest.ifRange);
  return true;
}

/** Of what is only remembered, not stored. */
const NO_FIELDS = new Headers();

/** What counts as an error that a stale response may stand in for (RFC 5861 §4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504]);
