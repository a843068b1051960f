import { bodyLength, isWhole, UNKNOWN_LENGTH, type BodySource } from '../../core/body.ts';
import type { CacheConfig } from '@turnpike/config';
import type { CacheMemory, CachePurge, CacheUses, Fill } from '../../core/cache-memory.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Exchange, Handler, Reply } from '../../core/exchange.ts';
import { Headers } from '../../core/headers.ts';
import { isEndless } from '../../core/http/endless.ts';
import type { Clock } from '../../core/ports.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Asking } from './asking.ts';
import { encodeHead, type CachedHead, type ResponseHead } from './cached-head.ts';
import { FillSink, TeeBody } from './fill-sink.ts';
import type { Fitting } from './look.ts';
import { ownExchange } from './own-exchange.ts';
import type { Servable } from './serve.ts';
import type { SearchRules } from './search-rules.ts';
import type { Timing } from './rules/age.ts';
import { contentRangeOf } from './rules/content-range.ts';
import { isDeceptive } from './rules/content-type.ts';
import { freshnessOf, type Answer } from './rules/freshness.ts';
import { deleteOverrides } from './rules/key.ts';
import { storedFields, updatedFields } from './rules/stored-head.ts';
import { storingOf, type NotStored, type Storing } from './rules/storable.ts';
import { tagsOf } from './rules/tags.ts';
import { responseDirectivesOf } from './rules/targeted.ts';
import { mayStandIn } from './rules/use.ts';
import { strongValidatorOf } from './rules/validators.ts';
import { askConditionally, deleteConditions, hasValidator, isAbout } from './rules/validation.ts';
import { placeFill } from './place-fill.ts';

/** The memory that a route uses. */
export type RouteMemory = CacheMemory<CachedHead> & CachePurge & CacheUses;

/** What is the same for all requests of a route. */
export interface FetchPlan {
  readonly config: CacheConfig;
  readonly route: string;
  /** Whether the route knows who calls. */
  readonly isIdentified: boolean;
  readonly timeoutMs: number | null;
}

/** What the stage works with. */
export interface FetchPorts {
  readonly memory: RouteMemory;
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
  /** `Range`: only a part is asked for; null: all of it. */
  readonly range: string | null;
}

/** What came of asking the service. */
export type Fetched = { readonly own: Exchange } & (
  | {
      readonly kind: 'stored';
      readonly servable: Servable;
      readonly status: number;
      readonly how: 'new' | 'validated';
    }
  /** The service failed, and what is stored stands in. */
  | {
      readonly kind: 'stood-in';
      readonly servable: Fitting;
      readonly status: number | null;
      readonly detail: string;
    }
  /** It is for the one who asked alone. */
  | { readonly kind: 'reply'; readonly reply: Reply; readonly reason: NotStored | NotKept }
);

/** Why a reply is not kept that may be stored by the rules. */
type NotKept = 'ours' | 'too-large' | 'part' | 'stream' | 'content-type' | 'tags' | 'busy';

/** How long nobody waits for an answer that another one gets, where it turned out that it is not stored (hit-for-miss). */
const PASS_MS = 120_000;
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

  constructor(plan: FetchPlan, ports: FetchPorts, asking: Asking, begun: Begun) {
    this.#plan = plan;
    this.#ports = ports;
    this.#asking = asking;
    this.#begun = begun;
    const { exchange, query } = asking;
    const headers = exchange.headers.share();
    deleteConditions(headers);
    deleteOverrides(headers, plan.config.key);
    if (begun.range !== null) headers.append('Range', begun.range);
    const { body } = exchange;
    const { nowMs } = ports.wheel;
    this.#own = ownExchange(exchange, {
      headers,
      body: typeof body === 'string' ? body : null,
      query,
      nowMs,
    });
    this.#overdue = new Deadline(() => this.#own.cancel('DEADLINE_EXCEEDED'));
    if (plan.timeoutMs !== null) {
      this.#own.deadlineAtMs = nowMs + plan.timeoutMs;
      ports.wheel.set(this.#overdue, plan.timeoutMs);
    }
  }

  async run(): Promise<Fetched> {
    const { stored } = this.#begun;
    const isConditional = stored !== null && hasValidator(stored.head.headers);
    if (isConditional) askConditionally(this.#own.headers, stored.head.headers);
    const askedAtMs = this.#ports.clock.epoch();
    let reply: Reply;
    try {
      reply = await this.#ports.next(this.#own);
    } catch (error) {
      return this.#failed(error);
    }
    const timing = { askedAtMs, answeredAtMs: this.#ports.clock.epoch() };
    if (reply.status !== 304 || !isConditional) return this.#answered(reply, timing);
    if (isAbout(reply.headers, stored.head.headers)) return this.#validated(reply, stored, timing);
    return this.#askAgain(reply, stored);
  }

  /** It is about something that we do not have (RFC 9111 §4.3.3): asks for all of it. */
  #askAgain(reply: Reply, stored: Fitting): Promise<Fetched> {
    this.#own.dropReply(reply);
    this.#over();
    stored.release();
    return new Fetch(this.#plan, this.#ports, this.#asking, { ...this.#begun, stored: null }).run();
  }

  // --- failures ----------------------------------------------------------------------------------------------------

  #failed(error: unknown): Fetched {
    const standIn = error instanceof GatewayError ? this.#standIn(null, error.code.toLowerCase()) : null;
    if (standIn !== null) return standIn;
    this.#giveUp(PASS_AFTER_ERROR_MS);
    throw error;
  }

  /** What is stored, if it may be given in place of an error (RFC 5861 §4). */
  #standIn(status: number | null, detail: string): Fetched | null {
    const { stored, fill } = this.#begun;
    const { wishes } = this.#asking;
    if (stored === null || !mayStandIn(stored.head.freshness, wishes, this.#ports.clock.epoch())) return null;
    fill.abandon();
    this.#over();
    return { kind: 'stood-in', own: this.#own, servable: stored, status, detail };
  }

  /** Lets those go who wait. What is there stays there, as long as it is better than nothing. */
  #giveUp(passMs: number): void {
    const { stored, fill } = this.#begun;
    if (stored === null) this.#settlePass(passMs);
    else fill.abandon();
    stored?.release();
    this.#over();
  }

  #settlePass(passMs: number): void {
    const { fill } = this.#begun;
    const head = encodeHead({ kind: 'pass', untilMs: this.#ports.clock.epoch() + passMs });
    if (fill.open({ head, length: 0, tags: this.#tags() ?? [], maxBytes: 0 })) fill.commit();
    else fill.abandon();
  }

  // --- answers -----------------------------------------------------------------------------------------------------

  #answered(reply: Reply, timing: Timing): Fetched {
    const { status } = reply;
    if (FAILURES.has(status)) {
      const standIn = this.#standIn(status, reply.code === '' ? '' : reply.code.toLowerCase());
      if (standIn !== null) {
        this.#own.dropReply(reply);
        this.#own.end();
        return standIn;
      }
    }
    const kept = reply.code === '' ? this.#keep(reply, timing) : 'ours';
    if (typeof kept === 'string') return this.#notKept(reply, kept);
    this.#begun.stored?.release();
    return { kind: 'stored', own: this.#own, servable: kept, status, how: 'new' };
  }

  #notKept(reply: Reply, reason: NotStored | NotKept): Fetched {
    const { stored, fill, key } = this.#begun;
    if (reply.status >= 500) {
      this.#giveUp(PASS_AFTER_ERROR_MS);
    } else {
      if (stored !== null) this.#ports.memory.remove(key);
      stored?.release();
      if (reason === 'busy') fill.abandon();
      else this.#settlePass(PASS_MS);
    }
    this.#ports.wheel.remove(this.#overdue);
    return { kind: 'reply', own: this.#own, reply, reason };
  }

  /** Stores an answer, and gives what the one who asked gets; or why it is not stored. */
  #keep(reply: Reply, timing: Timing): Servable | NotStored | NotKept {
    const { config } = this.#plan;
    const { exchange, address } = this.#asking;
    const answer = answerOf(reply);
    const freshness = freshnessOf(answer, timing, config);
    const storing = this.#storing(answer, timing);
    if (storing.kind === 'not') return storing.reason;
    if (isEndless(reply)) return 'stream';
    if (bodyLength(reply.body) > config.maxObjectBytes) return 'too-large';
    if (reply.status === 206 && !isWholePart(reply)) return 'part';
    if (config.checkContentType && isDeceptive(exchange.path, reply.headers.get('content-type')))
      return 'content-type';
    const tags = this.#tags(answer);
    if (tags === null) return 'tags';
    this.#ports.rules.learn(address, reply.headers);
    const head: ResponseHead = {
      kind: 'response',
      status: answer.status,
      headers: storedFields(answer, timing, config),
      freshness,
      answeredAtMs: timing.answeredAtMs,
      fetchMs: timing.answeredAtMs - timing.askedAtMs,
    };
    const whose = storing.kind === 'for-caller' ? 'caller' : 'everybody';
    const fill = placeFill(this.#ports.memory, this.#asking, {
      begun: this.#begun,
      headers: reply.headers,
      whose,
      tags,
    });
    if (fill === null) return 'busy';
    const plan = {
      head: encodeHead(head),
      length: bodyLength(reply.body),
      tags,
      maxBytes: config.maxObjectBytes,
    };
    if (!fill.open(plan)) return 'too-large';
    return this.#fillWith(fill, reply, head);
  }

  #fillWith(fill: Fill<CachedHead>, { body }: Reply, head: ResponseHead): Servable {
    const over = (): void => this.#over();
    if (isWhole(body)) {
      const text = body ?? '';
      fill.write(Buffer.from(text, 'latin1'));
      fill.commit();
      over();
      return { head, length: text.length, body: (from, to) => text.slice(from, to) || null, release() {} };
    }
    if (body.length === UNKNOWN_LENGTH) {
      const tee = new TeeBody(body, fill, over);
      return { head, length: UNKNOWN_LENGTH, body: () => tee, release() {} };
    }
    return this.#followed(fill, body, head);
  }

  /** The one who asked follows the fill as all others do. */
  #followed(fill: Fill<CachedHead>, body: BodySource, head: ResponseHead): Servable {
    const shared = fill.share();
    if (shared === null) {
      const tee = new TeeBody(body, fill, () => this.#over());
      return { head, length: body.length, body: () => tee, release() {} };
    }
    body.readTo(new FillSink(fill, body, () => this.#over()));
    const { length } = shared;
    return { head, length, body: (from, to) => shared.body(from, to), release: () => shared.release() };
  }

  // --- 304 ---------------------------------------------------------------------------------------------------------

  /** What is stored is still the same: it gets the fields of the 304 and is fresh again (RFC 9111 §4.3.4). */
  #validated(reply: Reply, stored: Fitting, timing: Timing): Fetched {
    const { fill, key } = this.#begun;
    const merged = updatedFields(stored.head.headers, reply.headers);
    const answer = answerOf({ status: stored.head.status, headers: merged });
    const head: ResponseHead = {
      kind: 'response',
      status: stored.head.status,
      headers: storedFields(answer, timing, this.#plan.config),
      freshness: freshnessOf(answer, timing, this.#plan.config),
      answeredAtMs: timing.answeredAtMs,
      fetchMs: stored.head.fetchMs,
    };
    this.#own.dropReply(reply);
    if (this.#storing(answer, timing).kind === 'not') this.#ports.memory.remove(key);
    else stored.replaceHead(encodeHead(head));
    fill.abandon();
    this.#over();
    const servable: Servable = {
      head,
      length: stored.length,
      body: (from, to) => stored.body(from, to),
      release: () => stored.release(),
    };
    return { kind: 'stored', own: this.#own, servable, status: reply.status, how: 'validated' };
  }

  // --- rules -------------------------------------------------------------------------------------------------------

  #storing(answer: Answer, timing: Timing): Storing {
    const { config, isIdentified } = this.#plan;
    const { exchange, wishes, address } = this.#asking;
    const freshness = freshnessOf(answer, timing, config);
    return storingOf(
      {
        method: exchange.method,
        headers: exchange.headers,
        wishes,
        hasBody: exchange.method === 'GET' && exchange.body !== null,
        address,
        caller: isIdentified ? 'known' : 'unknown',
      },
      { ...answer, timing, freshness },
      config,
    );
  }

  #tags(answer: Pick<Answer, 'headers'> = NO_FIELDS): readonly string[] | null {
    const { config, route } = this.#plan;
    return tagsOf(answer.headers, { address: this.#asking.address, route }, config);
  }

  /** Nothing is left to do at the service. */
  #over(): void {
    this.#ports.wheel.remove(this.#overdue);
    this.#own.end();
  }
}

function answerOf({ status, headers }: Pick<Reply, 'status' | 'headers'>): Answer {
  return { status, headers, directives: responseDirectivesOf(headers) };
}

/** A part that has the bytes that it says, which are the same for whoever asks later (RFC 9110 §15.3.7). */
function isWholePart({ headers, body }: Reply): boolean {
  const part = contentRangeOf(headers);
  if (part === null || part.completeLength === null || strongValidatorOf(headers) === null) return false;
  return bodyLength(body) === part.to - part.from;
}

/** Of what is only remembered, not stored. */
const NO_FIELDS: Pick<Answer, 'headers'> = { headers: new Headers() };

/** What counts as an error that a stale response may stand in for (RFC 5861 §4). */
const FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504]);
