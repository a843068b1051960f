/** What the exit code of `turnpike` tells scripts. The help of every command lists those that it can end with. */
export const EXIT = {
  ok: 0,
  /** It was asked properly and could not do it: an address is taken, a file cannot be written. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration has errors. */
  configuration: 3,
  /** `explain`: no route takes the request. */
  noRoute: 4,
  /** The gateway has stopped, but not everything that was under way had ended when the drain timeout was over. */
  cut: 5,
  /** `test`: a case has failed, or less is covered than was asked for. */
  tests: 6,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What they mean, in the words of the help. */
export const EXIT_MEANING: Readonly<Record<ExitCode, string>> = {
  0: 'it worked',
  1: 'it could not be done, and the message says why; for diff: there are differences',
  2: 'the command line is wrong',
  3: 'the configuration has errors',
  4: 'no route takes the request',
  5: 'stopped, but requests that took longer than the drain timeout were cut',
  6: 'a test has failed, or less is covered than was asked for',
};

/** A mistake on the command line that only the command itself can see. */
export class UsageError extends Error {}

/** Something that the user, not the programmer, has to see to; told without a stack. */
export class Failure extends Error {}
