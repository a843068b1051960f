import type { Command, Option } from '../command.ts';
import { choicesOf, takesFile } from './words.ts';

/** A completion script for fish. */
export function fishCompletion(commands: readonly Command[]): string {
  return `# fish completion for turnpike: turnpike completion fish | source
complete -c turnpike -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf(command: Command): string[] {
  const when = `-n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
  const files = takesFile(command) ? [`complete -c turnpike ${when} -F`] : [];
  const choices = choicesOf(command);
  const words = choices.length > 0 ? [`complete -c turnpike ${when} -a ${quoted(choices.join(' '))}`] : [];
  return [
    `complete -c turnpike -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    ...files,
    ...words,
    ...command.options.map((option) => `complete -c turnpike ${when} ${optionOf(option)}`),
  ];
}

function optionOf({ name, short, value, about }: Option): string {
  const names = short === undefined ? `-l ${name}` : `-s ${short} -l ${name}`;
  const takes = { none: '', text: ' -r -F', list: ' -r -F', choice: ' -x' }[value.kind];
  const choices = value.kind === 'choice' ? ` -a ${quoted(value.choices.join(' '))}` : '';
  return `${names}${takes}${choices} -d ${quoted(about)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
