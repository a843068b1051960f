// What a plugin costs: `node packages/gateway/src/stages/plugins/plugins.bench.ts`. A built-in stage of the same shape stands
// beside it, so that the difference is the price of the view.
import { definePolicy, problem, type Slot } from '@turnpike/sdk';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { systemClock } from '../../core/ports.ts';
import { contextOf, type Plugin } from './plugin.ts';
import { plugins } from './plugins.ts';

const ROUNDS = 9;
const CALLS = 200_000;

const reply: Reply = {
  status: 200,
  headers: headersOf(['Content-Type', 'text/plain'], ['Content-Length', '2']),
  body: 'ok',
  code: '',
  tunnel: null,
};
const service: Handler = () => Promise.resolve(reply);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const uncounted = { allowed: () => {}, denied: () => {}, reported: () => {}, failed: () => {} };

type Create = Parameters<typeof definePolicy>[0]['create'];

function made(create: Create): Plugin {
  const slot: Slot = 'before-cache';
  const policy = definePolicy({ name: 'bench', slot, schema: { type: 'object' }, create });
  const context = contextOf(
    { name: 'bench', route: 'r', parameters: [] },
    { log: silent, clock: systemClock, signal: new AbortController().signal },
  );
  return { name: 'bench', slot, mode: 'on', names: [], around: policy.create({} as never, context) };
}

function stageOf(...own: readonly Plugin[]): Wrapper | null {
  return plugins('before-cache', { plugins: own, log: silent, decisions: () => uncounted, watch: null });
}

const passOn = made(() => (next) => async (exchange) => next(exchange));
const builtIn: Wrapper = (next) => async (exchange) => next(exchange);

/** Each stage, and how many of them there are. */
const CASES: readonly (readonly [name: string, stage: Wrapper | null])[] = [
  ['no plugin on the route', stageOf()],
  ['a built-in stage that passes on', builtIn],
  ['a plugin that passes on', stageOf(passOn)],
  ['five plugins that pass on', stageOf(passOn, passOn, passOn, passOn, passOn)],
  [
    'a plugin that reads two fields and sets one',
    stageOf(
      made(() => (next) => async (exchange) => {
        const agent = exchange.headers.get('user-agent') ?? '';
        exchange.headers.set('X-Agent', exchange.headers.get('x-other') ?? agent);
        return next(exchange);
      }),
    ),
  ],
  [
    'a plugin that sets a field of the reply',
    stageOf(
      made(() => (next) => async (exchange) => {
        const answer = await next(exchange);
        answer.headers.set('X-By', 'plugin');
        return answer;
      }),
    ),
  ],
  ['a plugin that refuses', stageOf(made(() => () => () => Promise.resolve(problem(403, 'NOT_HERE'))))],
];

for (const [name, stage] of CASES) {
  const handle = stage === null ? service : stage(service);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await nanosecondsEach(handle));
  console.log(
    `${name.padEnd(48)} ${Math.round(Math.min(...times))
      .toString()
      .padStart(6)} ns`,
  );
}

/** A new exchange costs the same in all cases, and is not counted. */
async function nanosecondsEach(handle: Handler): Promise<number> {
  const exchanges = Array.from({ length: CALLS / 20 }, () => exchangeFrom());
  let spent = 0n;
  for (let turn = 0; turn < 20; turn++) {
    const begun = process.hrtime.bigint();
    for (const exchange of exchanges) await handle(exchange);
    spent += process.hrtime.bigint() - begun;
  }
  return Number(spent) / CALLS;
}
