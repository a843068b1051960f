import type { ExitCode } from './exit-codes.ts';
import type { Outputs } from './output/terminal.ts';

/** Describes one command: enough to parse its arguments, to print its help and to complete it in a shell. */
export interface Command {
  readonly name: string;
  /** For the list of commands. */
  readonly summary: string;
  /** What it does and how to think of it; the first thing in its help. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  readonly exitCodes: readonly ExitCode[];
  readonly run: (given: Given, outputs: Outputs) => Promise<ExitCode>;
}

/** A word that stands without an option before it. */
export interface Parameter {
  readonly name: string;
  readonly count: 'one' | 'any' | 'some';
  readonly about: string;
  /** What a shell offers: files, unless it is one of these. */
  readonly choices?: readonly string[];
}

/** `--name`, and maybe a value. A name that begins with `no-` turns off what is on otherwise. */
export interface Option {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly about: string;
  readonly value: OptionValue;
}

/** What follows an option. */
export type OptionValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly name: string }
  /** May be given again and again. */
  | { readonly kind: 'list'; readonly name: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly fallback: string };

/** A command line, and what it is good for. */
export interface Example {
  readonly line: string;
  readonly about: string;
}

/** What the user has given to a command. Names are those of its options. */
export interface Given {
  /** The words of all parameters, in order. */
  readonly words: readonly string[];
  has(option: string): boolean;
  text(option: string): string | undefined;
  list(option: string): readonly string[];
}

/** `--config`, which all commands that look at a configuration have. */
export const configOption: Option = {
  name: 'config',
  short: 'c',
  value: { kind: 'list', name: 'FILE' },
  about:
    'a configuration file or a directory of them; several are merged (default: gateway.yaml and so on, here)',
};

/** `--log-level`, which all commands that run a gateway have. */
export const logLevelOption: Option = {
  name: 'log-level',
  value: { kind: 'choice', choices: ['debug', 'info', 'warn', 'error'], fallback: 'info' },
  about: 'how much of what the gateway does is written to standard error',
};
