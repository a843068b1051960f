import { createLoader } from '@turnpike/config/load';
import { pluginTrial } from '../plugins/try-plugins.ts';
import { findBeginning, StartFailed } from './beginning.ts';
import { fileSource, fixedSource } from './config-source.ts';
import { MainThread } from './main-thread.ts';
import type { SuperviseOptions } from './supervise-options.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Starts a gateway; resolves when all data threads are ready.
 *
 * Rejects with `ConfigRejected` when the configuration has errors, and with `StartFailed` when it cannot be started with,
 * because an address is taken for example; then nothing is left running. Handles no signals: `untilStopped` does.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervisor> {
  const { log, lastGood = false, stateDirectory = null } = options;
  const source =
    'config' in options
      ? fixedSource(options.config)
      : fileSource(options.paths, options.load ?? createLoader({ tryPlugins: pluginTrial() }));
  const beginning = await findBeginning({ source, log, lastGood, stateDirectory });
  const supervisor = new MainThread(options, source, beginning);
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop('SIGTERM');
    throw new StartFailed(error);
  }
  return supervisor;
}
