import { type AdminClient, adminClient, adminOptions } from '../../admin-client.ts';
import type { Command, Example, Given, Option, Parameter } from '../../command.ts';
import { EXIT, type ExitCode, UsageError } from '../../exit-codes.ts';
import { printable } from '../../output/printable.ts';
import { alignColumns } from '../../output/table.ts';
import type { Outputs, Paint } from '../../output/terminal.ts';

/** What an action of a command has to do with. */
export interface Call {
  readonly given: Given;
  /** What stands behind the action. */
  readonly words: readonly string[];
  readonly client: AdminClient;
  readonly outputs: Outputs;
}

/** What a command can do with a resource of the admin API. */
export interface Action {
  /** For the help: `ID`, `NAME [FILE]`. */
  readonly takes: string;
  readonly about: string;
  /** How many words stand behind it. */
  readonly words: readonly [least: number, most: number];
  /** Options that it has, beside those that all have. */
  readonly options: readonly string[];
  readonly run: (call: Call) => Promise<ExitCode | void>;
}

/** A command with actions. */
export interface ResourcePlan {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly actions: Readonly<Record<string, Action>>;
  /** What stands before the action, if anything does. */
  readonly subject?: Parameter;
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
}

/** `--json`. */
export const jsonOption: Option = {
  name: 'json',
  value: { kind: 'none' },
  about: 'print one JSON document, for programs',
};

/** `--workspace`. */
export const workspaceOption: Option = {
  name: 'workspace',
  short: 'w',
  value: { kind: 'text', name: 'NAME' },
  about: 'the workspace (default: default for what is written, all for what is shown)',
};

/** `--limit`. */
export const limitOption: Option = {
  name: 'limit',
  value: { kind: 'text', name: 'COUNT' },
  about: 'so many at most (default: 100)',
};

/** Makes a command of actions. What an action does not take is refused and never ignored. */
export function resourceCommand(plan: ResourcePlan): Command {
  const { name, summary, description, actions, subject, options, examples } = plan;
  const names = Object.keys(actions);
  const rows = Object.entries(actions).map(([action, { takes, about }]) => [`${action} ${takes}`, about]);
  return {
    name,
    summary,
    description: `${description}\n\n${alignColumns(rows).join('\n')}`,
    parameters: [
      ...(subject === undefined ? [] : [subject]),
      { name: 'ACTION', count: 'one', about: names.join(', '), choices: names },
      { name: 'WORD', count: 'any', about: 'what the action takes', choices: [] },
    ],
    options: [...options, jsonOption, ...adminOptions],
    examples,
    exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
    run: async (given, outputs) => {
      const at = subject === undefined ? 0 : 1;
      const chosen = given.words[at] ?? '';
      const action = Object.hasOwn(actions, chosen) ? actions[chosen] : undefined;
      if (action === undefined)
        throw new UsageError(`there is no action "${chosen}"; there are ${names.join(', ')}`);
      const words = given.words.toSpliced(at, 1);
      check({ name: chosen, action, words: words.slice(at) }, given, options);
      return (await action.run({ given, words, client: adminClient(given), outputs })) ?? EXIT.ok;
    },
  };
}

function check(
  {
    name,
    action,
    words,
  }: { readonly name: string; readonly action: Action; readonly words: readonly string[] },
  given: Given,
  options: readonly Option[],
): void {
  const [least, most] = action.words;
  if (words.length < least || words.length > most)
    throw new UsageError(`${name} takes ${action.takes === '' ? 'nothing more' : action.takes}`);
  for (const option of options) {
    const isGiven =
      option.value.kind === 'list'
        ? given.list(option.name).length > 0
        : given.text(option.name) !== undefined;
    if (isGiven && !action.options.includes(option.name))
      throw new UsageError(`${name} does not take --${option.name}`);
  }
}

/** Shows an answer as JSON, if that is asked for, or as lines. */
export function show<T>(
  answer: T,
  { given, outputs: { out } }: Pick<Call, 'given' | 'outputs'>,
  lines: (answer: T, paint: Paint) => readonly string[],
): void {
  if (given.has('json')) out.print(JSON.stringify(answer, null, 2));
  else out.print(...lines(answer, out.paint));
}

/** A table with titles; `none` stands there if it has no rows. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, none }: { readonly paint: Paint; readonly none: string },
): string[] {
  if (rows.length === 0) return [none];
  const clean = rows.map((row) => row.map(printable));
  return alignColumns([titles.map((title) => paint('bold', title)), ...clean]);
}

/** A page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const MOST_PER_PAGE = 1000;

/** Page after page, until there are as many as `--limit` says. */
export async function listOf<T>(
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  { given, client, outputs }: Pick<Call, 'given' | 'client' | 'outputs'>,
): Promise<T[]> {
  const limit = Number(given.text('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit must be a whole number from 1 on');
  const items: T[] = [];
  let after: string | null = null;
  do {
    const count = String(Math.min(limit - items.length, MOST_PER_PAGE));
    const page: Page<T> = await client.ask(
      'GET',
      `${path}${queryOf({ ...query, limit: count, after: after ?? undefined })}`,
    );
    items.push(...page.items);
    after = page.next;
    // A page may be short, but one without anything would be asked for for ever.
    if (page.items.length === 0) break;
  } while (after !== null && items.length < limit);
  if (after !== null) outputs.err.print(`There is more: --limit ${limit * 10}`);
  return items;
}

/** `?a=b`, of what is given; nothing of nothing. */
export function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** A path of the admin API, whose parts are what users wrote. */
export function pathOf(...parts: readonly string[]): string {
  return `/v1${parts.map((part) => `/${encodeURIComponent(part)}`).join('')}`;
}

/** A point in time for people: UTC, to the second. */
export function timeText(ms: number | null): string {
  return ms === null ? '-' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
