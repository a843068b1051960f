import type { Given } from './command.ts';
import { chooseConfig } from './config-files.ts';
import { Failure } from './exit-codes.ts';
import { loadAndCheck } from './load.ts';
import { issueSummary, printIssues } from './output/issues.ts';
import type { Output } from './output/terminal.ts';

/** With what tokens for traces are signed; null: the configuration has errors, which were told. */
export async function debugSecret(given: Given, err: Output): Promise<string | null> {
  const { config, issues } = await loadAndCheck(chooseConfig(given.list('config')));
  if (config === null) {
    printIssues(issues, err);
    err.print(`The configuration cannot be used: ${issueSummary(issues)}`);
    return null;
  }
  const { debug } = config.telemetry;
  if (debug === null)
    throw new Failure('the configuration has no telemetry.debug.secret: nobody gets traces');
  return debug.secret;
}
