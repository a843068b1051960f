import { mayAct } from '../domain/callers.ts';
import type { Authorship, Risk } from '../domain/revisions.ts';
import { DEFAULT_WORKSPACE, type ObjectChange, type ObjectRef } from '../domain/objects.ts';
import type { Rollout, RolloutPlan } from '../domain/fleet.ts';
import type { Issue } from '@turnpike/config';
import { type Head, headReader, keyOf } from './heads.ts';
import type { Call } from './operation.ts';
import type { ApiPorts, Wish } from './ports.ts';
import { issueViews, problem, type Reply } from './problems.ts';

/** A change that somebody asks for. */
export interface ChangeRequest {
  /** What is wished, given what is there; a reply refuses. Called again when somebody else was faster. */
  readonly wishes: (now: Head) => readonly Wish[] | Reply | Promise<readonly Wish[] | Reply>;
  readonly by: Pick<Call<unknown, unknown, unknown>, 'caller' | 'address'>;
  readonly origin: Authorship['origin'];
  readonly message: string;
  readonly isDryRun: boolean;
  /** Goes out step by step. */
  readonly rollout?: RolloutPlan;
  /** Part of the end of a roll-out, which stands in the way of every other change. */
  readonly endsRollout?: true;
}

/** What came of it. */
export type Changed =
  | { readonly kind: 'refused'; readonly reply: Reply }
  | {
      readonly kind: 'done';
      /** null: a dry run, or there was nothing to change. */
      readonly revision: number | null;
      readonly changes: readonly ObjectChange[];
      readonly risks: readonly Risk[];
      readonly warnings: readonly Issue[];
      readonly rollout: Rollout | null;
    };

/** Makes changes of objects. */
export interface Changer {
  change(request: ChangeRequest): Promise<Changed>;
  head(): Promise<Head>;
}

/** How often a change is made anew when others were faster. */
const MOST_TRIES = 5;

/**
 * Every change goes this way: judged together with all that is there, and committed only if that still is all that is there.
 * Nothing is locked in the database while it is judged.
 */
export function changer(ports: ApiPorts): Changer {
  const { store, rules } = ports;
  const head = headReader(store, ports.taken);

  let last: Promise<unknown> = Promise.resolve();

  /** One after another on this gateway, so that its editors never make each other try again; a dry run waits for nobody. */
  function change(request: ChangeRequest): Promise<Changed> {
    if (request.isDryRun) return changeNow(request);
    const turn = last.then(() => changeNow(request));
    last = turn.catch(() => {}); // whoever asked is told
    return turn;
  }

  async function changeNow(request: ChangeRequest): Promise<Changed> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const running = request.isDryRun || request.endsRollout ? null : await store.fleet.rollout();
      if (running !== null) return refused(inTheWay(running));
      const done = await attempt(request);
      if (done !== 'stale') return done;
    }
    return refused(problem('STALE'));
  }

  async function attempt(request: ChangeRequest): Promise<Changed | 'stale'> {
    const now = await head();
    const wishes = await request.wishes(now);
    if ('status' in wishes) return refused(wishes);
    // Where a name is may have changed since the caller was let in for it, or a file stands before it.
    if (wishes.some(({ workspace }) => !mayAct(request.by.caller, 'editor', workspace)))
      return refused(
        problem('FORBIDDEN_ROLE', { needed: 'editor', detail: 'it needs the role editor in its workspace' }),
      );
    const mayMove = request.origin === 'rollback';
    const obstacle = mayMove ? null : await foreignWorkspace(wishes, now, ports);
    if (obstacle !== null) return refused(obstacle);
    const judged = await rules.judge(now.list, wishes, { takesExpired: mayMove });
    if (judged.kind === 'rejected')
      return refused(problem('CONFIG_REJECTED', { errors: issueViews(judged.issues) }));
    if (request.isDryRun || judged.changes.length === 0) {
      return { ...judged, kind: 'done', revision: null, rollout: null };
    }
    return commit(request, now, judged);
  }

  async function commit(
    request: ChangeRequest,
    now: Head,
    judged: Pick<Changed & { kind: 'done' }, 'changes' | 'risks' | 'warnings'>,
  ): Promise<Changed | 'stale'> {
    const { by, origin, message, rollout } = request;
    const { changes, risks } = judged;
    const author = { author: by.caller.name, address: by.address, origin, message };
    const draft = { ...author, base: now.revision, changes, risks, rollout };
    const committed = await store.revisions.commit(draft);
    if (committed.kind === 'stale') return 'stale';
    return { kind: 'done', revision: committed.revision.number, ...judged, rollout: committed.rollout };
  }

  return { change, head };
}

function inTheWay({ id, state }: Rollout): Reply {
  return problem('ROLLOUT_RUNNING', {
    detail: `roll-out ${id} is ${state}; complete it or roll it back first`,
  });
}

function refused(reply: Reply): Changed {
  return { kind: 'refused', reply };
}

/** A name is in one workspace, and workspaces are made before something is put into them. */
async function foreignWorkspace(
  wishes: readonly Wish[],
  now: Head,
  { store }: ApiPorts,
): Promise<Reply | null> {
  for (const wish of wishes) {
    const there = now.objects.get(keyOf(wish));
    if (there !== undefined && there.workspace !== wish.workspace)
      return problem('OTHER_WORKSPACE', { detail: titleOf(wish), workspace: there.workspace });
    const heir = there === undefined ? await formerWorkspace(wish, store) : null;
    if (heir !== null && heir !== wish.workspace)
      return problem('OTHER_WORKSPACE', { detail: titleOf(wish), workspace: heir });
  }
  for (const name of new Set(wishes.map(({ workspace }) => workspace))) {
    if (name === DEFAULT_WORKSPACE || (await store.workspaces.find(name)) !== null) continue;
    const errors = [{ message: `there is no workspace "${name}"`, pointer: 'query/workspace' }];
    return problem('INVALID', { errors });
  }
  return null;
}

/**
 * The workspace of a consumer that is gone and whose keys are kept: who made another of its name would have them. Null: there is
 * nothing to have.
 */
async function formerWorkspace(
  { kind, name, document }: Wish,
  { keys, objects }: ApiPorts['store'],
): Promise<string | null> {
  if (kind !== 'consumers' || document === null) return null;
  const kept = await keys.list(name, { limit: 1, after: null });
  if (kept.items.length === 0) return null;
  const { items } = await objects.history({ kind, name }, { limit: 1, after: null });
  return items[0]?.workspace ?? null;
}

/** The refusal to write what files own; null: they do not. */
export function ownedByFiles(wishes: readonly ObjectRef[], { rules }: Pick<ApiPorts, 'rules'>): Reply | null {
  for (const wish of wishes) {
    const owned = rules.fileObject(wish);
    if (owned === null) continue;
    const { file, line } = owned;
    return problem('OWNED_BY_FILES', { detail: titleOf(wish), file, line });
  }
  return null;
}

/** `routes.users`. */
export function titleOf({ kind, name }: ObjectRef): string {
  return `${kind}.${name}`;
}
