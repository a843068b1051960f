import { adminClient, adminOptions, type AdminClient } from '../admin-client.ts';
import type { Command, Given } from '../command.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import type { ConcurrencyState, LimitList, LimitState } from '../gateway.ts';
import { concurrencyLines, limitListLines, limitStateLines } from '../output/limit-texts.ts';
import { printable } from '../output/printable.ts';
import type { Outputs } from '../output/terminal.ts';
import { printAnswer } from './print-answer.ts';

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<void>>> = { list, get, reset };
const CHOICES = Object.keys(ACTIONS);

/** `turnpike limits`. */
export const limits: Command = {
  name: 'limits',
  summary: 'see the limits of a gateway that runs, and let a key start afresh',
  description:
    'Talks to the admin API of a gateway. "list" shows the limits of all routes; "get" how a key of one of them stands, ' +
    'without counting anything, or, with the name of a route alone, how much it has under way there; "reset" lets that key start afresh, in all gateways that share the store of the limit.\n\n' +
    'A gateway keeps only hashes of keys, so a key has to be named: the value of what "list" shows under BY. A key that is made ' +
    'of several parts takes --key for each of them, in their order; "route" needs none.',
  parameters: [
    { name: 'ACTION', count: 'one', about: CHOICES.join(', '), choices: CHOICES },
    {
      name: 'NAME',
      count: 'any',
      about: 'for get and reset: of the route and of the limit, as "list" shows them',
    },
  ],
  options: [
    { name: 'key', value: { kind: 'list', name: 'VALUE' }, about: 'a part of the key; may be repeated' },
    {
      name: 'quota',
      value: { kind: 'text', name: 'COUNT' },
      about: 'get: what the key may use, where that comes from a claim or a rule',
    },
    {
      name: 'plan',
      value: { kind: 'text', name: 'PLAN' },
      about: 'get: the plan of the caller, where the key does not name a consumer',
    },
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike limits list', about: 'of the gateway on this machine' },
    { line: 'turnpike limits get orders address --key 203.0.113.7', about: 'is that client limited?' },
    { line: 'turnpike limits reset orders address --key 203.0.113.7', about: 'let it begin anew' },
    { line: 'turnpike limits get orders tenant --key acme --key POST', about: 'a key of two parts' },
    { line: 'turnpike limits get orders --key acme', about: 'what has it under way at once?' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [action = '', ...names] = given.words;
    const run = ACTIONS[action];
    if (run === undefined)
      throw new UsageError(`there is no action "${action}"; there are ${CHOICES.join(', ')}`);
    await run({ given, names, client: adminClient(given), outputs });
    return EXIT.ok;
  },
};

interface Call {
  readonly given: Given;
  readonly names: readonly string[];
  readonly client: AdminClient;
  readonly outputs: Outputs;
}

async function list({ given, names, client, outputs: { out } }: Call): Promise<void> {
  if (names.length > 0) throw new UsageError('list takes no names');
  refuse(given, 'list', ['key', 'quota', 'plan']);
  printAnswer(await client.ask<LimitList>('GET', '/limits'), { given, out, lines: limitListLines });
}

async function get({ given, names, client, outputs: { out } }: Call): Promise<void> {
  const [route = ''] = names;
  const query = new URLSearchParams(keysOf(given));
  for (const name of ['quota', 'plan']) {
    const value = given.text(name);
    if (value !== undefined) query.append(name, value);
  }
  if (names.length === 1) {
    const underWay = await client.ask<ConcurrencyState>(
      'GET',
      `/concurrency/${encodeURIComponent(route)}?${query.toString()}`,
    );
    return printAnswer(underWay, { given, out, lines: concurrencyLines });
  }
  const path = pathOf('get', names);
  printAnswer(await client.ask<LimitState>('GET', `${path}?${query.toString()}`), {
    given,
    out,
    lines: limitStateLines,
  });
}

async function reset({ given, names, client, outputs: { out } }: Call): Promise<void> {
  refuse(given, 'reset', ['quota', 'plan']);
  const path = pathOf('reset', names);
  await client.ask('DELETE', `${path}?${new URLSearchParams(keysOf(given)).toString()}`);
  const [route = '', limit = ''] = names;
  const key = given.list('key');
  const done = { route, limit, key, reset: true };
  const whose = key.length === 0 ? '' : ` for ${printable(key.join(', '))}`;
  printAnswer(done, {
    given,
    out,
    lines: (_, paint) => [`${paint(['bold', 'green'], 'afresh:')} ${limit} of ${route}${whose}`],
  });
}

function pathOf(action: string, names: readonly string[]): string {
  if (names.length !== 2) throw new UsageError(`${action} needs the name of a route and that of a limit`);
  return `/limits/${names.map(encodeURIComponent).join('/')}`;
}

function keysOf(given: Given): [string, string][] {
  return given.list('key').map((value) => ['key', value]);
}

function refuse(given: Given, action: string, names: readonly string[]): void {
  for (const name of names) {
    const value = name === 'key' ? given.list(name) : given.text(name);
    if (value !== undefined && value.length > 0) throw new UsageError(`${action} does not take --${name}`);
  }
}
