import { readFileSync } from 'node:fs';

/** The version of Turnpike; all its packages have the same. */
export function turnpikeVersion(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
