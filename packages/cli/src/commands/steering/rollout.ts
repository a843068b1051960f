import { parseDuration } from '@turnpike/config';
import { EXIT, type ExitCode, UsageError } from '../../exit-codes.ts';
import { agreeTo, type Ask, dryRun, orRejected, terminalAsk } from './change.ts';
import { planLines, type Plan } from './plan-text.ts';
import { type Places, readDocuments } from './read-documents.ts';
import {
  type Action,
  type Call,
  limitOption,
  listOf,
  pathOf,
  resourceCommand,
  show,
  table,
  timeText,
} from './resource.ts';

interface RolloutView {
  readonly id: number;
  readonly revision: number;
  readonly base: number;
  readonly steps: readonly Selection[];
  readonly step: number;
  readonly state: string;
  readonly reason: string;
  readonly startedAt: number;
  readonly startedBy: string;
}

type Selection =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'zones'; readonly zones: readonly string[] }
  | { readonly kind: 'nodes'; readonly nodes: readonly string[] };

const MOVES: Readonly<Record<string, string>> = {
  pause: 'it stays at its step',
  resume: 'it goes on',
  complete: 'it goes to all gateways at once',
  'roll-back': 'everything is as it was before',
};

/** `turnpike rollout`. */
export const rollout = resourceCommand({
  name: 'rollout',
  summary: 'let a change go out to some gateways of a fleet first',
  description:
    'A change that goes out step by step: the gateways of a step take it and are compared with the others; if they do worse, it is ' +
    'rolled back. Steps are 5%, zone=eu-1,eu-2 or node=NAME; the last is always everybody. Nothing else can be changed until it has ended.',
  actions: {
    list: { takes: '', about: 'newest first', words: [0, 0], options: ['limit'], run: list },
    start: {
      takes: 'FILE…',
      about: 'documents as for apply; or --revision, to go back to one',
      words: [0, 100],
      options: ['step', 'step-time', 'revision', 'message', 'yes', 'dry-run'],
      run: start,
    },
    ...Object.fromEntries(Object.entries(MOVES).map(([name, about]) => [name, moveAction(name, about)])),
  },
  options: [
    {
      name: 'step',
      value: { kind: 'list', name: 'STEP' },
      about: 'start: 5%, zone=NAME or node=NAME; in turn',
    },
    {
      name: 'step-time',
      value: { kind: 'text', name: 'TIME' },
      about: 'start: how long a step is watched (default: 1m)',
    },
    {
      name: 'revision',
      value: { kind: 'text', name: 'NUMBER' },
      about: 'start: the objects as they were then',
    },
    {
      name: 'message',
      short: 'm',
      value: { kind: 'text', name: 'TEXT' },
      about: 'start: why, for the history',
    },
    { name: 'dry-run', value: { kind: 'none' }, about: 'start: only show what it would do' },
    { name: 'yes', short: 'y', value: { kind: 'none' }, about: 'start: do it although a risk is high' },
    limitOption,
  ],
  examples: [
    { line: 'turnpike rollout start --step 5% --step 50% objects.yaml', about: 'three steps' },
    { line: 'turnpike rollout start --step zone=eu-1 --step-time 10m objects.yaml', about: 'one zone first' },
    { line: 'turnpike rollout list', about: 'where is it?' },
    { line: 'turnpike rollout roll-back 7', about: 'enough of it' },
  ],
});

async function list(call: Call): Promise<void> {
  const all = await listOf<RolloutView>('/v1/rollouts', {}, call);
  show(all, call, (items, paint) => {
    const rows = items.map((one) => [
      String(one.id),
      `${one.base} → ${one.revision}`,
      one.state,
      placeText(one),
      `${timeText(one.startedAt)} by ${one.startedBy}`,
      one.reason,
    ]);
    const titles = ['ID', 'REVISION', 'STATE', 'STEP', 'STARTED', 'WHY'];
    return table(titles, rows, { paint, none: 'there are no roll-outs' });
  });
}

/** Where it is, or was when it ended. */
function placeText({ state, step, steps }: RolloutView): string {
  const last = steps.length;
  const at = state === 'completed' ? last : Math.min(step, last);
  return `${at + 1} of ${last + 1}: ${stepText(steps[at])}`;
}

function stepText(step: Selection | undefined): string {
  if (step === undefined) return 'everybody';
  if (step.kind === 'percent') return `${step.percent}%`;
  return step.kind === 'zones' ? `zone ${step.zones.join(', ')}` : `node ${step.nodes.join(', ')}`;
}

async function start(call: Call, ask: Ask = terminalAsk()): Promise<ExitCode> {
  const { body, places } = await bodyOf(call);
  return orRejected({ places, outputs: call.outputs }, () => startWith(body, call, ask));
}

async function startWith(body: object, call: Call, ask: Ask): Promise<ExitCode> {
  const { given, client, words, outputs } = call;
  const { plan, etag } = await dryRun({ method: 'POST', path: '/v1/rollouts', query: {}, body }, client);
  const isDone = given.has('dry-run') || plan.changes.length === 0;
  if (!given.has('json') || isDone) show(plan, call, planLines);
  if (isDone) return EXIT.ok;
  await agreeTo(plan, call, ask);
  const answer = await client.exchange({ method: 'POST', path: '/v1/rollouts', body, ifMatch: etag });
  const done = JSON.parse(answer.text) as Plan & { readonly rollout?: RolloutView };
  show(done, { given, outputs }, ({ rollout }) => [
    `on its way: roll-out ${rollout?.id ?? '?'} of ${words.join(', ')}`,
  ]);
  return EXIT.ok;
}

async function bodyOf({ given, words }: Call): Promise<{ readonly body: object; readonly places?: Places }> {
  const steps = given.list('step').map(selectionOf);
  if (steps.length === 0) throw new UsageError('start needs a --step at least, such as --step 5%');
  const revision = given.text('revision');
  if ((revision === undefined) === (words.length === 0))
    throw new UsageError('start takes documents, or --revision');
  const message = given.text('message');
  const plan = {
    steps,
    ...stepTime(given.text('step-time')),
    ...(message !== undefined && { message }),
  };
  if (revision !== undefined) return { body: { ...plan, revision: Number(revision) } };
  const { value, places } = await readDocuments(words);
  return { body: { ...plan, put: value }, places };
}

function stepTime(text: string | undefined): { readonly stepMs?: number } {
  if (text === undefined) return {};
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new UsageError('--step-time is a duration such as 30s or 5m');
  return { stepMs: parsed.value };
}

/** `5%`, `zone=a,b` or `node=name`. */
function selectionOf(text: string): Selection {
  const [, percent] = /^(\d{1,3})%$/.exec(text) ?? [];
  if (percent !== undefined) return { kind: 'percent', percent: Number(percent) };
  const [, kind, names = ''] = /^(zone|node)=(.+)$/.exec(text) ?? [];
  if (kind === 'zone') return { kind: 'zones', zones: names.split(',') };
  if (kind === 'node') return { kind: 'nodes', nodes: names.split(',') };
  throw new UsageError(`"${text}" is no step; write 5%, zone=NAME or node=NAME`);
}

function moveAction(name: string, about: string): Action {
  return {
    takes: 'ID',
    about,
    words: [1, 1],
    options: [],
    run: async (call) => {
      const moved = await call.client.ask<RolloutView>('POST', pathOf('rollouts', call.words[0] ?? '', name));
      show(moved, call, ({ id, state }) => [`roll-out ${id} is ${state}`]);
    },
  };
}
