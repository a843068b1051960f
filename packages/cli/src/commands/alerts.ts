import { adminClient, adminOptions, type AdminClient } from '../admin-client.ts';
import type { Command, Given } from '../command.ts';
import { EXIT, Failure, UsageError } from '../exit-codes.ts';
import type { AlertView, SilenceView } from '../gateway.ts';
import { alertLines, silenceText } from '../output/alert-texts.ts';
import { printable } from '../output/printable.ts';
import type { Outputs } from '../output/terminal.ts';
import { printAnswer } from './print-answer.ts';

const ACTIONS: Readonly<Record<string, (call: Call) => Promise<void>>> = { list, silence, end };
const CHOICES = Object.keys(ACTIONS);

/** `turnpike alerts`. */
export const alerts: Command = {
  name: 'alerts',
  summary: 'see the alerts of a gateway that runs, and silence one for a while',
  description:
    'Talks to the admin API of a gateway. "list" shows where each alert stands, and who does not want to hear of it; "silence" ' +
    'keeps one quiet for a while, in all gateways that share the database, and over restarts; "end" ends its silences before their ' +
    'time. During a silence nothing new is told, and what still fires at its end is told then. Silences of the configuration are ' +
    'changed there.',
  parameters: [
    { name: 'ACTION', count: 'one', about: CHOICES.join(', '), choices: CHOICES },
    { name: 'ALERT', count: 'any', about: 'for silence and end: its name, as "list" shows it' },
  ],
  options: [
    { name: 'for', value: { kind: 'text', name: 'DURATION' }, about: 'silence: how long, from 1m to 30d' },
    { name: 'reason', value: { kind: 'text', name: 'TEXT' }, about: 'silence: why, for whoever comes next' },
    { name: 'json', value: { kind: 'none' }, about: 'print one JSON document, for programs' },
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike alerts list', about: 'of the gateway on this machine' },
    {
      line: 'turnpike alerts silence "orders fail" --for 2h --reason "the database moves"',
      about: 'while people work on it',
    },
    { line: 'turnpike alerts end "orders fail"', about: 'they were quicker than they thought' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [action = '', ...names] = given.words;
    const run = ACTIONS[action];
    if (run === undefined)
      throw new UsageError(`there is no action "${action}"; there are ${CHOICES.join(', ')}`);
    if (action !== 'silence')
      for (const option of ['for', 'reason'])
        if (given.text(option) !== undefined) throw new UsageError(`${action} does not take --${option}`);
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
  printAnswer(await client.ask<readonly AlertView[]>('GET', '/alerts'), { given, out, lines: alertLines });
}

async function silence({ given, names, client, outputs: { out } }: Call): Promise<void> {
  const wish = { alert: theOnly(names, 'silence'), for: given.text('for'), reason: given.text('reason') };
  if (wish.for === undefined || wish.reason === undefined)
    throw new UsageError('silence needs --for and --reason, such as --for 2h --reason "planned work"');
  const made = await client.ask<SilenceView>('POST', '/alerts/silences', wish);
  printAnswer(made, { given, out, lines: (one) => [silenceText(one)] });
}

async function end({ given, names, client, outputs: { out } }: Call): Promise<void> {
  const alert = theOnly(names, 'end');
  const silences = await client.ask<readonly SilenceView[]>('GET', '/alerts/silences');
  const own = silences.filter((one) => one.alert === alert);
  if (own.length === 0)
    throw new Failure(
      `${printable(alert)} is not silenced, or the configuration says so, and is to be changed`,
    );
  for (const { id } of own) await client.ask('DELETE', `/alerts/silences/${encodeURIComponent(id)}`);
  printAnswer(
    { alert, ended: own.length },
    { given, out, lines: () => [`${printable(alert)} is heard again`] },
  );
}

function theOnly(names: readonly string[], action: string): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0)
    throw new UsageError(`${action} needs the name of one alert; one of several words stands in quotes`);
  return name;
}
