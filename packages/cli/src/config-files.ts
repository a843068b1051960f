import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './exit-codes.ts';

/** What is looked for where no file is named, in this order. */
export const DEFAULT_FILES = ['gateway.yaml', 'gateway.yml', 'gateway.json', 'gateway.config.ts'] as const;

/** The files and directories that were named, or the first of {@link DEFAULT_FILES} that a directory has. */
export function chooseConfig(named: readonly string[], directory = '.'): readonly string[] {
  if (named.length > 0) return named;
  const found = DEFAULT_FILES.find((name) => existsSync(join(directory, name)));
  if (found !== undefined) return [join(directory, found)];
  throw new UsageError(
    `there is no configuration: name a file, or put one of ${DEFAULT_FILES.join(', ')} here.\n` +
      'Without any: turnpike proxy :8080 http://127.0.0.1:9001',
  );
}
