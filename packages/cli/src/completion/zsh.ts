import type { Command, Option } from '../command.ts';

/** A completion script for zsh. */
export function zshCompletion(commands: readonly Command[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef turnpike
# zsh completion for turnpike: source <(turnpike completion zsh)
_turnpike() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(caseOf).join('\n')}
  esac
}
compdef _turnpike turnpike
`;
}

function caseOf({ name, options, parameters }: Command): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...parameters.map(({ name, count, choices }) => {
      const words = choices?.length === 0 ? ' ' : `(${choices?.join(' ')})`;
      const action = choices === undefined ? '_files' : words;
      return quoted(`${count === 'one' ? '' : '*'}:${name}:${action}`);
    }),
  ];
  return `    ${name}) _arguments ${specs.join(' ')} ;;`;
}

function optionSpecs({ name, short, value, about }: Option): string[] {
  const text = `[${about.replaceAll(/[[\]:]/g, '\\$&')}]`;
  const rest = { none: '', text: `:${name}:_files`, list: `:${name}:_files` };
  const tail = value.kind === 'choice' ? `:${name}:(${value.choices.join(' ')})` : rest[value.kind];
  const many = value.kind === 'list' ? '*' : '';
  const names = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  return names.map((one) => quoted(`${many}${one}${text}${tail}`));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
