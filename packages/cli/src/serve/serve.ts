import {
  ConfigRejected,
  EXIT_CUT,
  type LogLevel,
  openProcessLog,
  supervise,
  type SuperviseOptions,
  untilStopped,
} from '@turnpike/gateway';
import { createLoader } from '@turnpike/config/load';
import type { Given } from '../command.ts';
import { EXIT, type ExitCode, Failure } from '../exit-codes.ts';
import { issueSummary, printIssues } from '../output/issues.ts';
import type { Outputs } from '../output/terminal.ts';
import { controlPlane, steer } from '../steer/steer.ts';
import { turnpikeVersion } from '../version.ts';
import { printBanner } from './banner.ts';
import { warnOfOldNode } from './node-version.ts';
import { withOwnProcess } from './own-process.ts';
import { startProblem } from './start-problem.ts';

/** What the gateway is started with; what is the same for all commands is added here. */
export type Serving = DistributiveOmit<SuperviseOptions, 'log' | 'version' | 'onRedact' | 'steering'>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Runs a gateway until it is told to stop. */
export async function serve(serving: Serving, given: Given, { err }: Outputs): Promise<ExitCode> {
  warnOfOldNode(err);
  const version = turnpikeVersion();
  let withoutSecrets: ((text: string) => string) | undefined;
  const log = openProcessLog({
    level: given.text('log-level') as LogLevel, // one of the choices
    redact: (text) => withoutSecrets?.(text) ?? text,
  });
  try {
    const code = await withOwnProcess(async (own) => {
      const control =
        'paths' in serving ? controlPlane(serving.paths, serving.load ?? createLoader(), log) : null;
      const gateway = await supervise({
        ...serving,
        ...(control !== null && { load: control.load, steering: control }),
        log,
        version,
        onRedact: (redact) => {
          withoutSecrets = redact;
        },
      });
      if (control !== null) await steer(control, gateway);
      printBanner(gateway, version, err);
      try {
        return await untilStopped(gateway, log, own);
      } finally {
        await control?.close();
      }
    });
    return code === EXIT_CUT ? EXIT.cut : EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigRejected)) {
      const problem = error instanceof Error ? startProblem(error.message) : String(error);
      throw new Failure(`the gateway cannot start: ${problem}`);
    }
    printIssues(error.issues, err);
    err.print(`The configuration cannot be used: ${issueSummary(error.issues)}`);
    return EXIT.configuration;
  } finally {
    await log.flush();
  }
}
