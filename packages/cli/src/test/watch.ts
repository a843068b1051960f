import { resolve } from 'node:path';
import type { ExitCode } from '../exit-codes.ts';
import { watchFiles } from '../gateway.ts';
import type { Outputs } from '../output/terminal.ts';

/** Runs something, and again whenever one of the files has changed that it depends on; until the process is interrupted. */
export async function whileWatching(
  { err }: Outputs,
  run: () => Promise<{ readonly exitCode: ExitCode; readonly files: readonly string[] }>,
): Promise<ExitCode> {
  let changed = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<'stopped'>();
  const watch = watchFiles(() => changed.resolve(), QUIET);
  const stop = (): void => stopped.resolve('stopped');
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    for (;;) {
      const { exitCode, files } = await run();
      await watch.update(files.map((file) => resolve(file)));
      err.print('Waiting for a change; Ctrl-C ends it.');
      const next = await Promise.race([changed.promise, stopped.promise]);
      if (next === 'stopped') return exitCode;
      changed = Promise.withResolvers<void>();
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await watch.close();
  }
}

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
