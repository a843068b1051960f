import type { Maintenance } from '@turnpike/control/database';
import { configOption, type Given } from '../../command.ts';
import { chooseConfig } from '../../config-files.ts';
import { EXIT, type ExitCode, Failure } from '../../exit-codes.ts';
import { loadAndCheck } from '../../load.ts';
import { hasErrors, issueSummary, printIssues } from '../../output/issues.ts';
import type { Outputs } from '../../output/terminal.ts';
import { printAnswer } from '../print-answer.ts';
import { jsonOption } from '../steering/resource.ts';

/** More than a gateway waits: somebody looks at it, and a part of a large database takes its time. */
const TIMEOUT_MS = 60_000;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** What was done, for programs and for people. */
export interface Done {
  readonly answer: object;
  readonly text: string;
}

/** The options of everything that is done to a database. */
export const databaseOptions = [configOption, jsonOption] as const;

/** Does something to the database that the configuration names, and tells of it. `what` it is, for the message when it fails. */
export async function withDatabase(
  { given, outputs, what }: { readonly given: Given; readonly outputs: Outputs; readonly what: string },
  work: (database: Maintenance) => Promise<Done>,
): Promise<ExitCode> {
  const { config, issues } = await loadAndCheck(chooseConfig(given.list('config')));
  if (config === null) {
    if (hasErrors(issues)) printIssues(issues, outputs.err);
    outputs.err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
    return EXIT.configuration;
  }
  const { database } = config.stores;
  if (database === null) throw new Failure('the configuration has no stores.database');
  const { databaseUrl: url, encryptionKeys: keys } = database;
  // The other commands answer faster without the libraries of databases.
  const control = await import('@turnpike/control/database');
  const ports = { clock: control.systemClock, log: SILENT, random: Math.random };
  const maintenance = control.openMaintenance({ url, keys, timeoutMs: TIMEOUT_MS, ...ports });
  try {
    const { answer, text } = await work(maintenance);
    printAnswer(answer, { given, out: outputs.out, lines: () => [text] });
  } catch (error) {
    if (!expected(control).some((kind) => error instanceof kind) && !isOfFiles(error)) throw error;
    // Why a database cannot be reached says its driver; anything else has said all.
    const cause = error instanceof control.StoreUnavailable ? error.cause : undefined;
    throw new Failure(`${what}: ${messageOf(error)}`, { cause });
  } finally {
    await maintenance.close();
  }
  return EXIT.ok;
}

/** What went wrong in a way that the message says all about. */
function expected(control: typeof import('@turnpike/control/database')) {
  const { BadBackup, NotEmpty, SchemaTooNew, StoreUnavailable, CannotOpen, NoSealingKey, FileError } =
    control;
  return [BadBackup, NotEmpty, SchemaTooNew, StoreUnavailable, CannotOpen, NoSealingKey, FileError];
}

function isOfFiles(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
