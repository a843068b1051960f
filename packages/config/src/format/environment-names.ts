import { type Parsed, refused, understood } from './parsed.ts';

/** Which variables of the environment: a name, or the beginning of names and `*`. */
export function parseEnvironmentNames(text: string): Parsed<string> {
  return /^[A-Za-z_]\w*\*?$/.test(text)
    ? understood(text)
    : refused('is neither a name nor the beginning of names and a *');
}
