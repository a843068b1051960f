import { constants } from 'node:os';
import type { Log } from '../core/ports.ts';
import type { StopSignal, Supervisor } from './supervisor.ts';

/** What of `process` is needed; tests have their own. */
export type OwnProcess = Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;

/** A program log that can be waited for. */
export type FlushableLog = Log & { flush(): Promise<void> };

/**
 * Gives the process to a gateway until it has stopped, and then its exit code.
 *
 * SIGTERM and SIGINT stop it, and the second of them ends the process at once. SIGHUP loads the configuration again and
 * opens log files anew.
 */
export async function untilStopped(
  supervisor: Supervisor,
  log: FlushableLog,
  own: OwnProcess = process,
): Promise<number> {
  const stopped = Promise.withResolvers<StopSignal>();
  let isStopping = false;
  const onStop = (signal: StopSignal): void => {
    if (isStopping) own.exit(128 + constants.signals[signal]);
    isStopping = true;
    stopped.resolve(signal);
  };
  const onHangUp = reloadOnHangUp(supervisor, log);
  const onFault = faultHandler(supervisor, log, own);

  own.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', onHangUp);
  own.on('uncaughtException', onFault); // rejections that nobody handles come here as well
  try {
    return await supervisor.stop(await stopped.promise);
  } finally {
    own.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onHangUp);
    own.off('uncaughtException', onFault);
  }
}

function reloadOnHangUp(supervisor: Supervisor, log: Log): () => void {
  return () => {
    supervisor.reopenLogs();
    supervisor.reload('SIGHUP').catch((error: unknown) => log.error('a reload failed', { error }));
  };
}

/**
 * A fault of our own in the main thread is logged, and that is all, as long as data threads serve: they do not need the
 * main thread, it holds no state of any request, and an outage would be the larger damage. If nobody serves, there is
 * nothing to save: the process ends, and whoever started it can start it anew.
 */
function faultHandler(supervisor: Supervisor, log: FlushableLog, own: OwnProcess): (error: unknown) => void {
  const endWhenLogged = async (): Promise<void> => {
    await log.flush();
    own.exit(1);
  };
  return (error) => {
    const { isServing } = supervisor;
    log.error('a fault in the supervisor', { error, isServing });
    if (!isServing) void endWhenLogged();
  };
}
