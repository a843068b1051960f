import { adminClient, adminOptions } from '../../admin-client.ts';
import type { Command } from '../../command.ts';
import { EXIT, UsageError } from '../../exit-codes.ts';
import { printable } from '../../output/printable.ts';
import { changeOptions, makeChange, terminalAsk } from './change.ts';
import { changeLines, type PlannedChange, type PlannedRisk, riskLine } from './plan-text.ts';
import {
  type Call,
  jsonOption,
  limitOption,
  listOf,
  pathOf,
  queryOf,
  show,
  table,
  timeText,
} from './resource.ts';

interface Summary {
  readonly number: number;
  readonly at: number;
  readonly author: string;
  readonly address: string;
  readonly origin: string;
  readonly message: string;
  readonly risks: readonly PlannedRisk[];
  readonly changeCount: number;
}

interface Comparison {
  readonly changes: readonly PlannedChange[];
}

/** `turnpike revisions`. */
export const revisions: Command = {
  name: 'revisions',
  summary: 'list the changes of a gateway, or show one',
  description:
    'Every change of objects is a revision: who made it, when, from where and why. With a number it shows what that revision changed; ' +
    'with --to as well, what is different between the two.',
  parameters: [{ name: 'NUMBER', count: 'any', about: 'of one revision', choices: [] }],
  options: [
    { name: 'to', value: { kind: 'text', name: 'NUMBER' }, about: 'compare with this revision' },
    limitOption,
    jsonOption,
    ...adminOptions,
  ],
  examples: [
    { line: 'turnpike revisions', about: 'the newest first' },
    { line: 'turnpike revisions 42', about: 'what it changed' },
    { line: 'turnpike revisions 40 --to 42', about: 'what is different' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, outputs) => {
    const [number, ...more] = given.words;
    const to = given.text('to');
    if (more.length > 0)
      throw new UsageError('revisions takes one number at most; --to compares with another');
    if (number === undefined && to !== undefined) throw new UsageError('--to needs a number to compare with');
    const call: Call = { given, words: given.words, client: adminClient(given), outputs };
    if (number === undefined) await list(call);
    else if (to === undefined) await showOne(numberOf(number), call);
    else await compare(numberOf(number), numberOf(to), call);
    return EXIT.ok;
  },
};

async function list(call: Call): Promise<void> {
  const all = await listOf<Summary>('/v1/revisions', {}, call);
  show(all, call, (items, paint) => {
    const rows = items.map(({ number, at, author, address, changeCount, risks, message }) => [
      String(number),
      timeText(at),
      `${author} (${address})`,
      String(changeCount),
      risks.length === 0 ? '-' : `${risks.length} ${risks[0]?.level ?? ''}`,
      message,
    ]);
    const titles = ['REVISION', 'AT', 'BY', 'OBJECTS', 'RISKS', 'WHY'];
    return table(titles, rows, { paint, none: 'there are no revisions' });
  });
}

async function showOne(number: string, call: Call): Promise<void> {
  const found = await call.client.ask<Summary & Comparison>('GET', pathOf('revisions', number));
  show(found, call, ({ at, author, address, origin, message, changes, risks }, paint) => [
    paint('bold', `revision ${number}`),
    printable(
      `${timeText(at)} by ${author} from ${address} (${origin})${message === '' ? '' : `: ${message}`}`,
    ),
    ...changeLines(changes, paint),
    ...risks.map((risk) => riskLine(risk, paint)),
  ]);
}

async function compare(from: string, to: string, call: Call): Promise<void> {
  const path = `${pathOf('revisions', from, 'diff')}${queryOf({ to })}`;
  show(await call.client.ask<Comparison>('GET', path), call, ({ changes }, paint) =>
    changes.length === 0 ? ['no changes'] : changeLines(changes, paint),
  );
}

/** `turnpike rollback`. */
export const rollback: Command = {
  name: 'rollback',
  summary: 'make the objects of a gateway what they were at a revision',
  description:
    'Makes a new revision with the objects as they were after the one with this number. Nothing of the history is lost, and the files ' +
    'of the gateway are not touched. Shows first what changes and what is risky about it.',
  parameters: [{ name: 'NUMBER', count: 'one', about: 'of the revision', choices: [] }],
  options: [...changeOptions, jsonOption, ...adminOptions],
  examples: [
    { line: 'turnpike rollback 41', about: 'as it was after revision 41' },
    { line: 'turnpike rollback 41 --dry-run', about: 'what would that change?' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, outputs) => {
    const [number = ''] = given.words;
    const call: Call = { given, words: given.words, client: adminClient(given), outputs };
    const path = pathOf('revisions', numberOf(number), 'rollback');
    return makeChange({ method: 'POST', path, query: {} }, call, terminalAsk());
  },
};

function numberOf(text: string): string {
  if (/^[1-9]\d{0,14}$/.test(text)) return text;
  throw new UsageError(`"${text}" is no number of a revision`);
}
