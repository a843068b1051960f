import type { Rollout, Selection } from '../domain/fleet.ts';
import { DEFAULT_WORKSPACE } from '../domain/objects.ts';
import { readEdits, edits, withoutVain } from './apply.ts';
import { everywhere } from './access.ts';
import { ownedByFiles } from './change.ts';
import { invalid } from './expiry.ts';
import type { Head } from './heads.ts';
import type { Kit } from './kit.ts';
import { CHANGE_PROBLEMS } from './objects.ts';
import { type Call, type Operation, operation } from './operation.ts';
import type { Wish } from './ports.ts';
import { etagOf, HEAD_CONDITION, unmet } from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { wishesFor } from './revisions.ts';
import { flag, integer, optional, shape, text } from './schema.ts';
import { PAGE, page, plan, rolloutView, steps } from './views.ts';

const readers = { role: 'viewer', within: 'everywhere', place: everywhere } as const;
const administrators = { role: 'admin', within: 'everywhere', place: everywhere } as const;
const DEFAULT_STEP_MS = 60_000;

const rolloutBody = shape('What goes out, and how.', {
  steps,
  stepMs: optional(integer('How long each step is watched; a minute without it.', 1_000, 7 * 86_400_000)),
  message: optional(text('Why, for the history.', 500)),
  ...edits,
  revision: optional(integer('Instead of `put` and `delete`: the objects as they were at this revision.', 1)),
});

const started = shape('What goes out.', {
  ...plan.properties,
  rollout: optional(rolloutView),
});

/** Revisions that go out to gateways step by step. */
export function rolloutOperations(kit: Kit): readonly Operation[] {
  const { store } = kit.ports;
  const parameters = shape('', { id: integer('Its number.', 1) });
  const tag = 'fleet';
  return [
    operation({
      id: 'listRollouts',
      method: 'GET',
      path: '/v1/rollouts',
      tag,
      summary: 'Lists roll-outs, newest first',
      access: readers,
      query: shape('', PAGE),
      answers: { 200: { description: 'A page of them.', body: page(rolloutView) } },
      problems: [],
      handle: async ({ query: { limit = 100, after = null } }) =>
        answer(200, await store.fleet.rollouts({ limit, after })),
    }),
    operation({
      id: 'getRollout',
      method: 'GET',
      path: '/v1/rollouts/{id}',
      tag,
      summary: 'Shows one roll-out',
      access: readers,
      parameters,
      answers: { 200: { description: 'The roll-out.', body: rolloutView } },
      problems: ['NOT_FOUND'],
      handle: async ({ path: { id } }) => {
        const found = await findRollout(id, kit);
        return found === null ? missing(id) : answer(200, found);
      },
    }),
    operation({
      id: 'startRollout',
      method: 'POST',
      path: '/v1/rollouts',
      tag,
      summary: 'Makes a change that goes out step by step',
      description:
        'The gateways of a step take it, and are compared with the others; if they do worse, it is rolled back. Until it has ended nothing else can be changed.',
      access: administrators,
      query: shape('', { dryRun: optional(flag('Gives the plan and changes nothing.')) }),
      body: rolloutBody,
      headers: HEAD_CONDITION,
      maxBodyBytes: 16 * 1024 * 1024,
      answers: {
        200: { description: 'The plan; there was nothing to change, or it was a dry run.', body: started },
        201: { description: 'It is on its way.', body: started },
      },
      problems: [...CHANGE_PROBLEMS, 'OWNED_BY_FILES', 'NOT_FOUND'],
      handle: (call) => start(call, kit),
    }),
    ...ACTIONS.map(({ action, summary }) =>
      operation({
        id: `${action.replace('-b', 'B')}Rollout`,
        method: 'POST',
        path: `/v1/rollouts/{id}/${action}`,
        tag,
        summary,
        access: administrators,
        parameters,
        answers: { 200: { description: 'As it is then.', body: rolloutView } },
        problems: ['NOT_FOUND', 'ENDED', ...(action === 'roll-back' ? RESTORE_PROBLEMS : [])],
        handle: (call) => act(action, call, kit),
      }),
    ),
  ];
}

const RESTORE_PROBLEMS = ['STALE', 'CONFIG_REJECTED', 'CHECK_UNAVAILABLE'] as const;

const ACTIONS = [
  { action: 'pause', summary: 'Stays at its step' },
  { action: 'resume', summary: 'Goes on' },
  { action: 'complete', summary: 'Goes to all gateways at once' },
  { action: 'roll-back', summary: 'Goes back to what was before, everywhere' },
] as const;

type Action = (typeof ACTIONS)[number]['action'];

interface RolloutBody {
  readonly steps: readonly {
    readonly kind: Selection['kind'];
    readonly percent?: number;
    readonly zones?: readonly string[];
    readonly nodes?: readonly string[];
  }[];
  readonly stepMs?: number;
  readonly message?: string;
  readonly put?: object;
  readonly delete?: readonly string[];
  readonly revision?: number;
}

async function start(
  call: Call<unknown, { readonly dryRun?: boolean }, RolloutBody>,
  kit: Kit,
): Promise<Reply> {
  const { revision, stepMs = DEFAULT_STEP_MS, message = '' } = call.body;
  const selections = call.body.steps.map(selectionOf);
  const faulty = selections.indexOf(null);
  if (faulty !== -1) return invalid(`/steps/${faulty}`, 'it needs what its kind says, and nothing else');
  const wishes = await wishesOf(call.body, kit);
  if ('status' in wishes) return wishes;
  const changed = await kit.changer.change({
    by: call,
    origin: revision === undefined ? 'api' : 'rollback',
    message,
    isDryRun: call.query.dryRun ?? false,
    wishes: (now) => unmet(call.header, etagOf(now.revision)) ?? wishes.at(now),
    rollout: { steps: selections.filter((one) => one !== null), stepMs },
  });
  if (changed.kind === 'refused') return changed.reply;
  const plan = await kit.show.plan(changed);
  if (changed.rollout === null) return answer(200, plan);
  const { id } = changed.rollout;
  const about = { target: `rollout ${id}`, workspace: null, revision: changed.revision };
  await kit.audit.done(call, { action: 'rollout.start', ...about });
  return answer(201, { ...plan, rollout: changed.rollout });
}

async function wishesOf(
  body: RolloutBody,
  kit: Kit,
): Promise<{ readonly at: (now: Head) => readonly Wish[] } | Reply> {
  const { revision, put, delete: removed } = body;
  const isEdit = put !== undefined || removed !== undefined;
  if (isEdit === (revision !== undefined)) return invalid('/revision', 'either revision, or put and delete');
  if (revision !== undefined) {
    const { revisions, objects } = kit.ports.store;
    if ((await revisions.summary(revision)) === null)
      return problem('NOT_FOUND', { detail: `there is no revision ${revision}` });
    const then = await objects.at(revision);
    return { at: (now) => wishesFor(then, now) };
  }
  const sent = { ...(put && { put }), ...(removed && { delete: removed }) };
  const read = await readEdits(sent, DEFAULT_WORKSPACE, kit);
  if ('status' in read) return read;
  const owned = ownedByFiles(read, kit.ports);
  if (owned !== null) return owned;
  // Who may do this may do it everywhere: what is there stays in its workspace.
  return { at: (now) => withoutVain(read, now).map((wish) => inItsWorkspace(wish, now)) };
}

function inItsWorkspace(wish: Wish, { objects }: Head): Wish {
  const there = objects.get(`${wish.kind}/${wish.name}`);
  return there === undefined ? wish : { ...wish, workspace: there.workspace };
}

/** A selection that has what its kind needs and nothing else; null: it has not. */
function selectionOf({ kind, percent, zones, nodes }: RolloutBody['steps'][number]): Selection | null {
  const given = [percent, zones, nodes].filter((one) => one !== undefined).length;
  if (given !== 1) return null;
  if (kind === 'percent') return percent === undefined ? null : { kind, percent };
  if (kind === 'zones') return zones === undefined ? null : { kind, zones };
  return nodes === undefined ? null : { kind, nodes };
}

async function act(
  action: Action,
  call: Call<{ readonly id: number }, unknown, unknown>,
  kit: Kit,
): Promise<Reply> {
  const { id } = call.path;
  const { store, clock } = kit.ports;
  const found = await findRollout(id, kit);
  if (found === null) return missing(id);
  if (found.state !== 'running' && found.state !== 'paused') return ended(found);
  if (action === 'roll-back') {
    const back = await restore(found, call, kit);
    if (back !== null) return back;
  }
  const reason = action === 'resume' ? '' : `by ${call.caller.name}`;
  const changed = await store.fleet.advance(found, {
    state: STATE_AFTER[action],
    reason,
    ...(action === 'resume' && { steppedAt: clock.epoch() }),
  });
  const after = await findRollout(id, kit);
  if (!changed || after === null) return ended(after ?? found);
  await kit.audit.done(call, { action: `rollout.${action}`, target: `rollout ${id}`, workspace: null });
  return answer(200, after);
}

const STATE_AFTER = {
  pause: 'paused',
  resume: 'running',
  complete: 'completed',
  'roll-back': 'rolled-back',
} as const satisfies Record<Action, Rollout['state']>;

/**
 * What was before becomes the newest revision, while the roll-out still holds everybody at one of the two: when it ends, all go
 * to the newest.
 */
async function restore(
  { base, id }: Rollout,
  call: Call<unknown, unknown, unknown>,
  kit: Kit,
): Promise<Reply | null> {
  const before = await kit.ports.store.objects.at(base);
  const changed = await kit.changer.change({
    by: call,
    origin: 'rollback',
    message: `roll-out ${id} is rolled back`,
    isDryRun: false,
    endsRollout: true,
    wishes: (now) => wishesFor(before, now),
  });
  return changed.kind === 'refused' ? changed.reply : null;
}

/** The one that is under way is asked for most. */
async function findRollout(id: number, { ports: { store } }: Kit): Promise<Rollout | null> {
  const current = await store.fleet.rollout();
  if (current?.id === id) return current;
  let after: string | null = null;
  do {
    const { items, next }: { items: readonly Rollout[]; next: string | null } = await store.fleet.rollouts({
      limit: 1_000,
      after,
    });
    const found = items.find((one) => one.id === id);
    if (found !== undefined) return found;
    // Newest first: there is none behind one that is older.
    after = (items.at(-1)?.id ?? 0) < id ? null : next;
  } while (after !== null);
  return null;
}

function missing(id: number): Reply {
  return problem('NOT_FOUND', { detail: `there is no roll-out ${id}` });
}

function ended({ id, state }: Rollout): Reply {
  return problem('ENDED', { detail: `roll-out ${id} is ${state}` });
}
