import type { Command } from '../command.ts';
import { choicesOf, namesOf, takesFile } from './words.ts';

/** A completion script for bash. */
export function bashCompletion(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion for turnpike: source <(turnpike completion bash)
_turnpike() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} help --help --version" -- "$word"))
    return
  fi
  case "$command" in
${commands.map(caseOf).join('\n')}
    help) COMPREPLY=($(compgen -W "${names}" -- "$word")) ;;
  esac
}
complete -F _turnpike turnpike
`;
}

function caseOf(command: Command): string {
  const options = command.options.flatMap(namesOf);
  const choices = command.options.flatMap((option) => {
    const { value } = option;
    if (value.kind !== 'choice') return [];
    const words = `compgen -W "${value.choices.join(' ')}" -- "$word"`;
    return [`        ${namesOf(option).join('|')}) COMPREPLY=($(${words})); return ;;`];
  });
  const files = takesFile(command) ? '$(compgen -f -- "$word")' : '';
  const words = [...options, '--help', ...choicesOf(command)].join(' ');
  return `    ${command.name})
      case "$previous" in
${choices.join('\n')}
        -c|--config|-o|--out) COMPREPLY=($(compgen -f -- "$word")); return ;;
      esac
      COMPREPLY=($(compgen -W "${words}" -- "$word") ${files}) ;;`;
}
