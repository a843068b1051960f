import {
  type Command as Program,
  CommanderError,
  Command as Commander,
  Option as CommanderOption,
} from 'commander';
import { styleText } from 'node:util';
import type { Command, Given, Option } from './command.ts';
import { EXIT, EXIT_MEANING, type ExitCode, UsageError } from './exit-codes.ts';
import { alignColumns } from './output/table.ts';
import type { Outputs } from './output/terminal.ts';

/** The program as a whole: what stands above the list of its commands and below it. */
export interface About {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly footer: string;
}

/** Finds the command that the arguments name and runs it; gives the exit code. The only user of commander. */
export async function runProgram(
  about: About,
  commands: readonly Command[],
  args: readonly string[],
  outputs: Outputs,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = newProgram(about);
  for (const command of commands) {
    const sub = addCommand(program, command);
    sub.action(async () => {
      exitCode = await runCommand(command, sub, outputs);
    });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version that were asked for are no failure; everything else is commander's word on the arguments.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  return exitCode;
}

async function runCommand(command: Command, sub: Program, outputs: Outputs): Promise<ExitCode> {
  try {
    return await command.run(givenTo(command, sub), outputs);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return sub.error(`error: ${error.message}`);
  }
}

function newProgram(about: About): Program {
  return new Commander(about.name)
    .description(about.description)
    .version(about.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help; every command has its own')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      styleTitle: (text) => styleText('bold', text, STYLED),
      styleCommandText: (text) => styleText('cyan', text, STYLED),
      styleSubcommandText: (text) => styleText('cyan', text, STYLED),
      styleOptionText: (text) => styleText('green', text, STYLED),
      styleArgumentText: (text) => styleText('yellow', text, STYLED),
    })
    .addHelpText('after', about.footer);
}

/** commander itself takes colours away where they do not belong. */
const STYLED = { validateStream: false };

function addCommand(program: Program, command: Command): Program {
  const sub = program.command(command.name).summary(command.summary).description(command.description);
  for (const { name, count, about } of command.parameters) {
    const syntax = { one: `<${name}>`, some: `<${name}...>`, any: `[${name}...]` }[count];
    sub.argument(syntax, about);
  }
  for (const option of command.options) sub.addOption(commanderOption(option));
  return sub
    .addHelpText('after', () => `\n${examples(command)}\n${exitCodes(command)}`)
    .showHelpAfterError(`(turnpike ${command.name} --help has examples)`);
}

function commanderOption({ name, short, value, about }: Option): CommanderOption {
  const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
  if (value.kind === 'none') return new CommanderOption(names, about);
  if (value.kind === 'choice') {
    const { choices, fallback } = value;
    return new CommanderOption(`${names} <${name}>`, about).choices(choices).default(fallback);
  }
  const option = new CommanderOption(`${names} <${value.name}>`, about);
  if (value.kind === 'text') return option;
  return option.default([]).argParser((one: string, before: readonly string[]) => [...before, one]);
}

function givenTo({ options }: Command, sub: Program): Given {
  const values: Readonly<Record<string, unknown>> = sub.opts();
  const valueOf = (name: string): unknown => {
    const option = options.find((one) => one.name === name);
    if (option === undefined) throw new Error(`There is no option --${name}`);
    const value = values[commanderOption(option).attributeName()];
    // `--no-watch` is kept as `watch: false`.
    return name.startsWith('no-') ? value === false : value;
  };
  return {
    words: sub.args,
    has: (option) => valueOf(option) === true,
    text: (option) => valueOf(option) as string | undefined,
    list: (option) => valueOf(option) as readonly string[],
  };
}

function examples(command: Command): string {
  const rows = command.examples.map(({ line, about }) => [line, about]);
  return section('Examples:', alignColumns(rows, '  '));
}

function exitCodes(command: Command): string {
  const rows = command.exitCodes.map((code) => [String(code), EXIT_MEANING[code]]);
  return section('Exit codes:', alignColumns(rows, '  '));
}

function section(title: string, lines: readonly string[]): string {
  return `${styleText('bold', title, STYLED)}\n${lines.join('\n')}\n`;
}
