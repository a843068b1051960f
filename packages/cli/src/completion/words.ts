import type { Command, Option } from '../command.ts';

/** An option as it is typed: `-c` and `--config`. */
export function namesOf({ name, short }: Option): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** The words that a command may be given for its parameters, as far as they are known. */
export function choicesOf({ parameters }: Command): readonly string[] {
  return parameters.flatMap(({ choices = [] }) => choices);
}

/** Whether a command is given files without an option before them. */
export function takesFile({ parameters }: Command): boolean {
  return parameters.some(({ name }) => name === 'FILE');
}
