import { createInterface } from 'node:readline/promises';
import type { AdminClient, AdminRequest } from '../../admin-client.ts';
import type { Option } from '../../command.ts';
import { EXIT, type ExitCode, Failure } from '../../exit-codes.ts';
import { printable } from '../../output/printable.ts';
import type { Outputs } from '../../output/terminal.ts';
import { RejectedConfiguration } from '../../rejected.ts';
import { type Plan, planLines } from './plan-text.ts';
import { type Call, queryOf, show } from './resource.ts';

/** Options of everything that changes objects. */
export const changeOptions: readonly Option[] = [
  { name: 'dry-run', value: { kind: 'none' }, about: 'only show what it would do' },
  {
    name: 'message',
    short: 'm',
    value: { kind: 'text', name: 'TEXT' },
    about: 'why, for the history',
  },
  { name: 'yes', short: 'y', value: { kind: 'none' }, about: 'do it although a risk is high' },
];

/** Asks a person; gives whether they agree. `null`: nobody is there. */
export type Ask = ((question: string) => Promise<boolean>) | null;

/** Asks on the terminal, if there is one. */
export function terminalAsk(): Ask {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  };
}

/** A change of objects. `path` takes `dryRun` and `message`. */
export interface Change extends Pick<AdminRequest, 'method' | 'body'> {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
}

/**
 * Shows what a change would do, and does it. Where a risk is high somebody has to agree: by `--yes`, or when asked. What was
 * shown is what is done: if somebody else was faster, nothing is.
 */
export async function makeChange(change: Change, call: Call, ask: Ask): Promise<ExitCode> {
  const { given, client, outputs } = call;
  try {
    const { plan, etag } = await dryRun(change, client);
    if (given.has('dry-run') || plan.changes.length === 0) {
      show(plan, call, planLines);
      return EXIT.ok;
    }
    if (!given.has('json')) outputs.out.print(...planLines(plan, outputs.out.paint));
    await agreeTo(plan, call, ask);
    const query = queryOf({ ...change.query, message: given.text('message') });
    const answer = await client.exchange({ ...change, path: change.path + query, ifMatch: etag });
    const done = JSON.parse(answer.text) as Plan;
    show(done, call, ({ revision }, paint) => [paint(['bold', 'green'], `done: revision ${revision}`)]);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof RejectedConfiguration) return rejected(error, outputs);
    throw error;
  }
}

/** What a change would do, and the version of that for which it holds. */
export async function dryRun(
  { path, query, ...request }: Change,
  client: AdminClient,
): Promise<{ readonly plan: Plan; readonly etag: string | null }> {
  const { text, etag } = await client.exchange({
    ...request,
    path: path + queryOf({ ...query, dryRun: 'true' }),
  });
  return { plan: JSON.parse(text) as Plan, etag };
}

async function agreeTo({ risks }: Plan, { given }: Call, ask: Ask): Promise<void> {
  const isHigh = risks.some(({ level }) => level === 'high');
  if (!isHigh || given.has('yes')) return;
  if (ask === null) throw new Failure('nothing was changed: a risk is high; look at it, and say --yes');
  if (!(await ask('A risk is high. Do it?'))) throw new Failure('nothing was changed');
}

/** Says what is wrong, a line each. */
export function rejected({ faults, title }: RejectedConfiguration, { err }: Outputs): ExitCode {
  err.print(`${err.paint(['bold', 'red'], 'error:')} ${title}`);
  for (const { place, message: text } of faults)
    err.print(printable(`  ${place === '' ? '' : `${place}: `}${text}`));
  return EXIT.configuration;
}
