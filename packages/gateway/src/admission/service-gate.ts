import type { Priority } from '@turnpike/config';
import type { Entry, Shed, ShedReason } from '../core/admission.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Reply } from '../core/exchange.ts';
import type { Clock } from '../core/ports.ts';
import { Deadline } from '../core/timing-wheel.ts';
import { Crowd } from './crowd.ts';
import { FairShares } from './fair-shares.ts';
import { gradesUpTo } from './grades.ts';
import type { KeyCounts } from './key-counts.ts';
import { ServiceLoad, type LoadLimit, type LoadPorts } from './service-load.ts';
import { SHED, SHED_BY_PRIORITY } from './sheds.ts';
import type { ServiceVisit } from './visit.ts';
import { WaitQueue } from './wait-queue.ts';

/** How a service is guarded. */
export interface GatePlan {
  readonly service: string;
  readonly slot: number;
  readonly limit: LoadLimit;
  /** The most important priority that any of its requests can have. */
  readonly highest: Priority;
}

/** What gates need of their thread. */
export interface GatePorts extends LoadPorts {
  readonly counts: KeyCounts;
  readonly clock: Clock;
}

/** What comes of trying to get in. Unfavoured: the room is narrow, and is left to others of the same priority. */
type Attempt = 'inside' | 'full' | 'unfavoured' | 'fair-share';

/**
 * The gate of one service in one thread. Each priority may use up its part of the limit, which all threads count together.
 * When that is full, some wait for a moment; when a crowd comes, nobody does.
 */
export class ServiceGate {
  readonly #ports: GatePorts;
  readonly #slot: number;
  readonly #load: ServiceLoad;
  readonly #shares: FairShares;
  readonly #crowd: Crowd;
  readonly #queue = new WaitQueue();
  /** Looks after the queue when nobody leaves. */
  readonly #look = new Deadline(() => this.#serveQueue());
  #grades: readonly number[] = [];

  constructor(plan: GatePlan, ports: GatePorts) {
    this.#ports = ports;
    this.#slot = plan.slot;
    this.#crowd = new Crowd(ports.clock);
    this.#load = new ServiceLoad(plan.slot, ports);
    this.#shares = new FairShares(plan.service, ports.limits.line(plan.slot), ports.counts);
    this.replan(plan);
  }

  /** Takes what a new snapshot says of the same service. */
  replan({ limit, highest }: GatePlan): void {
    this.#load.replan(limit);
    this.#grades = gradesUpTo(highest);
  }

  /** Whether it gets in; null: that is decided in the queue. */
  admit(visit: ServiceVisit): Entry | null {
    const { rank } = visit;
    const attempt = this.#queue.isBefore(rank) ? 'full' : this.#tryEnter(visit);
    if (attempt === 'inside') return attempt;
    if (attempt === 'fair-share') return SHED[attempt];
    this.#load.pushed();
    if (attempt === 'unfavoured') return this.#refuse(rank, 'limit');
    return WaitQueue.takes(rank) && !this.#isCrowded(rank) ? null : this.#refuse(rank, 'limit');
  }

  /** A visit joins the queue; it is settled, maybe at once. */
  join(visit: ServiceVisit): void {
    const { nowMs } = this.#ports.wheel;
    if (this.#queue.size >= this.#queueLength) {
      const other = this.#queue.leastBelow(visit.rank);
      if (other === null) {
        visit.settle(this.#refuse(visit.rank, 'queue-full'));
        return;
      }
      this.#turnAway(other, 'queue-full');
    }
    visit.joinedMs = nowMs;
    visit.exchange.whenCancelled(visit);
    if (this.#queue.size === 0) this.#ports.wheel.set(this.#look, LOOK_AFTER_MS);
    this.#queue.push(visit);
    this.#ports.limits.wait(this.#slot, 1);
  }

  /** A visit gives up its place in the queue. */
  quit(visit: ServiceVisit): void {
    this.#queue.remove(visit, this.#ports.wheel.nowMs);
    this.#ports.limits.wait(this.#slot, -1);
  }

  /** The head of the reply is there. */
  answered(visit: ServiceVisit, reply: Reply): void {
    if (this.#load.answered(visit, reply)) this.#leave(visit);
    else visit.exchange.whenReplyEnded(() => this.#leave(visit));
  }

  failed(visit: ServiceVisit, code: ErrorCode): void {
    this.#load.failed(visit, code);
    this.#leave(visit);
  }

  #tryEnter(visit: ServiceVisit): Attempt {
    const { exchange, rank } = visit;
    const { limit, inflight } = this.#load;
    const { nowMs } = this.#ports.wheel;
    const room = limit * this.#gradeOf(rank);
    if (this.#shares.isUsedUp(exchange, inflight, room, nowMs)) return 'fair-share';
    if (inflight >= room) return 'full';
    if (this.#isCrowded(rank) && !this.#crowd.isFavoured(exchange, rank, inflight / room))
      return 'unfavoured';
    if (!this.#load.tryBegin(visit, room)) return 'full';
    visit.share = this.#shares.enter(exchange, inflight, room);
    this.#crowd.note(rank, false, nowMs);
    return 'inside';
  }

  #leave(visit: ServiceVisit): void {
    this.#shares.leave(visit.share);
    this.#load.end(visit);
    if (this.#queue.size > 0) this.#serveQueue();
  }

  /** Sends away who has waited too long, and lets in whom there is room for. */
  #serveQueue(): void {
    for (let visit = this.#overdue; visit !== null; visit = this.#overdue)
      this.#turnAway(visit, 'queue-timeout');
    for (let visit = this.#queue.next; visit !== null; visit = this.#queue.next) {
      const attempt = this.#isTooLate(visit) ? 'too-late' : this.#tryEnter(visit);
      if (attempt === 'full' || attempt === 'unfavoured') break;
      if (attempt === 'too-late') {
        this.#turnAway(visit, 'queue-timeout');
      } else {
        this.quit(visit);
        visit.settle(attempt === 'inside' ? attempt : SHED[attempt]);
      }
    }
    if (this.#queue.size > 0) this.#ports.wheel.set(this.#look, LOOK_AFTER_MS);
  }

  get #overdue(): ServiceVisit | null {
    const patienceMs = this.#load.isSearching ? SEARCHING_PATIENCE_MS : this.#queue.patienceMs;
    return this.#queue.overdue(this.#ports.wheel.nowMs - patienceMs);
  }

  /** Whether nobody would wait for the reply any more. */
  #isTooLate({ deadlineMs, route }: ServiceVisit): boolean {
    return deadlineMs - this.#ports.wheel.nowMs < this.#ports.baselines.baselineMs(route.row);
  }

  #turnAway(visit: ServiceVisit, reason: ShedReason): void {
    this.quit(visit);
    visit.settle(this.#refuse(visit.rank, reason));
  }

  #refuse(rank: number, reason: ShedReason): Shed {
    this.#crowd.note(rank, true, this.#ports.wheel.nowMs);
    return this.#shed(rank, reason);
  }

  #shed(rank: number, reason: ShedReason): Shed {
    const { inflight, limit } = this.#load;
    return this.#gradeOf(rank) < 1 && inflight < limit ? SHED_BY_PRIORITY[reason] : SHED[reason];
  }

  #gradeOf(rank: number): number {
    return this.#grades[rank] ?? 1;
  }

  /** A fixed limit is meant as it is written, for everybody. */
  #isCrowded(rank: number): boolean {
    const isThere = this.#crowd.isThere(rank, this.#ports.wheel.nowMs);
    return isThere && !this.#load.isFixed && !this.#load.isSearching;
  }

  get #queueLength(): number {
    const { isSearching, limit } = this.#load;
    return isSearching
      ? SEARCHING_QUEUE_LENGTH
      : Math.ceil((QUEUE_SHARE * limit) / this.#ports.limits.threads);
  }
}

/** A tick of the wheel: room may have been made by another thread. */
const LOOK_AFTER_MS = 20;
/** Of the limit, for the queues of all threads together. */
const QUEUE_SHARE = 0.5;
/** While the limit grows by leaps, who waits will soon have a place: at the start nobody should be sent away for nothing. */
const SEARCHING_QUEUE_LENGTH = 1000;
const SEARCHING_PATIENCE_MS = 1000;
