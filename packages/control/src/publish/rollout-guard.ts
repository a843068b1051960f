import type { FleetNode, Rollout } from '../domain/fleet.ts';
import type { ObjectChange, StoredObject } from '../domain/objects.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { nameOf } from '../domain/sources.ts';
import { type Store, StoreUnavailable } from '../domain/store.ts';
import { compareCohorts } from './cohorts.ts';
import { firstOf } from './rollout-target.ts';
import { aliveOf, selectedOf } from './selection.ts';

/** What a guard works with. */
export interface GuardParts {
  readonly store: Pick<Store, 'fleet' | 'revisions' | 'objects' | 'audit' | 'listen'>;
  readonly clock: Clock;
  readonly log: Log;
  /** For the audit log: who does it. */
  readonly name: string;
}

const LOOK_MS = 1000;
/** Older programs announce a roll-out before its revision is there, and have this time to commit it. */
const COMMIT_MS = 15_000;
/** Two looks that far apart see different reports. */
const SECOND_LOOK_MS = 3500;
const AUTHOR = 'turnpike';

/**
 * Watches a roll-out: compares those who have taken the revision with those who have not, goes to the next step when its time
 * has come, and goes back when they do worse. Every gateway has a guard and one of them acts; if it dies, another one does.
 */
export class RolloutGuard {
  readonly #parts: GuardParts;
  #unlisten: () => void = () => {};
  #cancel: () => void = () => {};
  #looking: Promise<void> | null = null;
  #isClosed = false;
  /** What was seen once and has to be seen again. */
  #suspicion: { readonly rollout: number; readonly at: number } | null = null;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unlisten = this.#parts.store.listen((topic) => {
      if (topic === 'rollout') this.#lookSoon(0);
    });
    this.#lookSoon(0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unlisten();
    this.#cancel();
    await this.#looking;
  }

  #lookSoon(ms: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#looking ??= this.#look().finally(() => (this.#looking = null));
    });
  }

  /** Nothing is asked of the database while no roll-out is under way. */
  async #look(): Promise<void> {
    const { store, log } = this.#parts;
    let isOver = false;
    try {
      const rollout = await store.fleet.rollout();
      isOver = rollout === null;
      if (rollout !== null) await store.fleet.alone('rollout', () => this.#steer());
    } catch (error) {
      if (error instanceof StoreUnavailable) log.debug('a roll-out cannot be watched', { error });
      else log.error('a roll-out cannot be watched', { error });
    }
    if (!isOver) this.#lookSoon(LOOK_MS);
  }

  async #steer(): Promise<void> {
    const { store, clock } = this.#parts;
    const rollout = await store.fleet.rollout();
    if (rollout === null) return;
    const head = await store.revisions.head();
    if (head < rollout.revision) {
      if (clock.epoch() - rollout.startedAt > COMMIT_MS) await this.#end(rollout, 'it was never committed');
      return;
    }
    if (head > rollout.revision && (await this.#isTakenBack(head)))
      return this.#end(rollout, 'it was taken back');
    // Somebody looks after one that is paused.
    if (rollout.state !== 'running') return;
    const nodes = await store.fleet.nodes();
    const fault = this.#faultOf(rollout, nodes) ?? this.#emptinessOf(rollout, nodes);
    if (fault !== null) await this.#goBack(rollout, fault);
    else if (this.#mayStep(rollout, nodes)) await this.#step(rollout);
  }

  /** A guard or somebody has committed what was before, and could not say so any more. */
  async #isTakenBack(head: number): Promise<boolean> {
    const newest = await this.#parts.store.revisions.find(head);
    return newest?.origin === 'halt' || newest?.origin === 'rollback';
  }

  /** Why it must not go on; `null`: nothing speaks against it. */
  #faultOf(rollout: Rollout, nodes: readonly FleetNode[]): string | null {
    const now = this.#parts.clock.epoch();
    const alive = aliveOf(nodes, now);
    const isIn = (node: FleetNode): boolean => node.revision === rollout.revision;
    const isLost = (node: FleetNode): boolean =>
      isIn(node) && !alive.includes(node) && node.heartbeatAt >= rollout.startedAt;
    const lost = nodes.find(isLost);
    if (lost !== undefined) return `${lost.name} took it and has not been heard of since`;

    const chosen = firstOf(rollout, alive);
    const failing = alive.filter(({ id, problem = '' }) => chosen.has(id) && problem !== '');
    const updated = [...new Set([...alive.filter(isIn), ...failing])];
    const others = alive.filter((node) => !updated.includes(node));
    const verdict = compareCohorts(updated, others);
    if (verdict === null) {
      this.#suspicion = null;
      return null;
    }
    return !verdict.isPassing || this.#isConfirmed(rollout.id, now) ? verdict.reason : null;
  }

  #isConfirmed(rollout: number, now: number): boolean {
    if (this.#suspicion?.rollout !== rollout) this.#suspicion = { rollout, at: now };
    return now - this.#suspicion.at >= SECOND_LOOK_MS;
  }

  /** A step that nobody is in shows nothing: to go on from it would be to go everywhere at once. */
  #emptinessOf(
    { steps, step, stepMs, steppedAt, revision }: Rollout,
    nodes: readonly FleetNode[],
  ): string | null {
    const now = this.#parts.clock.epoch();
    const selection = steps[step];
    if (selection === undefined || now - steppedAt < stepMs) return null;
    const isEmpty = selectedOf(selection, aliveOf(nodes, now), revision).size === 0;
    return isEmpty
      ? `nobody is in step ${step + 1}: no gateway that it names has been heard of lately`
      : null;
  }

  /** When its time is over, and all who were to take the revision have it. */
  #mayStep(rollout: Rollout, nodes: readonly FleetNode[]): boolean {
    const now = this.#parts.clock.epoch();
    if (now - rollout.steppedAt < rollout.stepMs) return false;
    const alive = aliveOf(nodes, now);
    const chosen = firstOf(rollout, alive);
    return alive.every(({ id, revision }) => !chosen.has(id) || revision === rollout.revision);
  }

  async #step(rollout: Rollout): Promise<void> {
    const { store, clock, log } = this.#parts;
    const step = rollout.step + 1;
    const isLast = step >= rollout.steps.length;
    const change = isLast
      ? ({ state: 'completed', reason: 'all steps went well' } as const)
      : { step, steppedAt: clock.epoch() };
    if (!(await store.fleet.advance(rollout, change))) return;
    log.info(isLast ? 'a roll-out is complete' : 'a roll-out goes on', { rollout: rollout.id, step });
    if (isLast) await this.#record(rollout, 'rollout.complete', 'all steps went well');
  }

  /** First what was before becomes the newest revision, and then everybody takes the newest. */
  async #goBack(rollout: Rollout, reason: string): Promise<void> {
    const { store, log } = this.#parts;
    const head = await store.revisions.head();
    const [now, before] = await Promise.all([store.objects.at(head), store.objects.at(rollout.base)]);
    const committed = await store.revisions.commit({
      base: head,
      changes: changesTo(before, now),
      risks: [],
      author: AUTHOR,
      address: '',
      origin: 'halt',
      message: `roll-out ${rollout.id} was halted: ${reason}`,
    });
    // Somebody else has committed: the next look sees what.
    if (committed.kind === 'stale') return;
    log.warn('a roll-out was halted and rolled back', { rollout: rollout.id, reason });
    await this.#end(rollout, reason);
    await this.#record(rollout, 'rollout.halt', reason);
  }

  async #end(rollout: Rollout, reason: string): Promise<void> {
    await this.#parts.store.fleet.advance(rollout, { state: 'rolled-back', reason });
  }

  async #record(rollout: Rollout, action: string, detail: string): Promise<void> {
    const { store, clock, name } = this.#parts;
    await store.audit.add({
      at: clock.epoch(),
      author: AUTHOR,
      address: name,
      action,
      target: `rollout ${rollout.id}`,
      workspace: null,
      outcome: 'done',
      revision: rollout.revision,
      detail,
    });
  }
}

/** What makes the objects that are into those that were. */
export function changesTo(before: readonly StoredObject[], now: readonly StoredObject[]): ObjectChange[] {
  const then = new Map(before.map((object) => [nameOf(object), object]));
  const current = new Map(now.map((object) => [nameOf(object), object]));
  const changes: ObjectChange[] = [];
  for (const [name, { kind, name: own, workspace, document }] of current)
    if (!then.has(name)) changes.push({ kind, name: own, workspace, before: document, after: null });
  for (const [name, object] of then) {
    const is = current.get(name);
    if (is?.revision === object.revision) continue;
    const { kind, name: own, workspace, document } = object;
    changes.push({ kind, name: own, workspace, before: is?.document ?? null, after: document });
  }
  return changes;
}
