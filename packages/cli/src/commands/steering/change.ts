import { createInterface } from 'node:readline/promises';
import type { AdminClient, AdminRequest } from '../../admin-client.ts';
import type { Option } from '../../command.ts';
import { EXIT, type ExitCode, Failure } from '../../exit-codes.ts';
import { printable } from '../../output/printable.ts';
import type { Outputs } from '../../output/terminal.ts';
import { RejectedConfiguration } from '../../rejected.ts';
import { type Plan, planLines } from './plan-text.ts';
import type { Places } from './read-documents.ts';
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
  /** Where what is sent was written, if it was. */
  readonly places?: Places;
}

/**
 * Shows what a change would do, and does it. Where a risk is high somebody has to agree: by `--yes`, or when asked. What was
 * shown is what is done: if somebody else was faster, nothing is.
 */
export function makeChange({ places, ...change }: Change, call: Call, ask: Ask): Promise<ExitCode> {
  const { given, client, outputs } = call;
  return orRejected({ places, outputs }, async () => {
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
  });
}

/** What a change would do, and the version of that for which it holds. */
export async function dryRun(
  { path, query, method, body }: Change,
  client: AdminClient,
): Promise<{ readonly plan: Plan; readonly etag: string | null }> {
  const { text, etag } = await client.exchange({
    method,
    path: path + queryOf({ ...query, dryRun: 'true' }),
    ...(body !== undefined && { body }),
  });
  return { plan: JSON.parse(text) as Plan, etag };
}

/** Where a risk is high somebody has to agree, by `--yes` or when asked. */
export async function agreeTo({ risks }: Plan, { given }: Pick<Call, 'given'>, ask: Ask): Promise<void> {
  const isHigh = risks.some(({ level }) => level === 'high');
  if (!isHigh || given.has('yes')) return;
  if (ask === null) throw new Failure('nothing was changed: a risk is high; look at it, and say --yes');
  if (!(await ask('A risk is high. Do it?'))) throw new Failure('nothing was changed');
}

/** Does something that the gateway may refuse because of the objects: then it says what is wrong and where, a line each. */
export async function orRejected(
  { places, outputs }: { readonly places: Places | undefined; readonly outputs: Outputs },
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RejectedConfiguration)) throw error;
    const { err } = outputs;
    err.print(`${err.paint(['bold', 'red'], 'error:')} ${error.title}`);
    for (const fault of error.faults) {
      const written = fault.pointer === null ? null : places?.(fault.pointer);
      const place = written ?? fault.place;
      err.print(printable(`  ${place === '' ? '' : `${place}: `}${fault.message}`));
    }
    return EXIT.configuration;
  }
}
