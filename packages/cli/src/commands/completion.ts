import type { Command } from '../command.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT, UsageError } from '../exit-codes.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** `turnpike completion`, for these commands and itself. */
export function completion(others: readonly Command[]): Command {
  const self: Command = {
    name: 'completion',
    summary: 'print a completion script for your shell',
    description:
      'Prints a script with which the shell completes commands, options and their values when you press the tab key. Load it ' +
      'in the start file of the shell.',
    parameters: [{ name: 'SHELL', count: 'one', about: 'bash, zsh or fish', choices: Object.keys(SHELLS) }],
    options: [],
    examples: [
      { line: 'source <(turnpike completion bash)', about: 'in ~/.bashrc' },
      { line: 'source <(turnpike completion zsh)', about: 'in ~/.zshrc, after compinit' },
      { line: 'turnpike completion fish | source', about: 'in ~/.config/fish/config.fish' },
    ],
    exitCodes: [EXIT.ok, EXIT.usage],
    run: ({ words: [shell = ''] }, { out }) => {
      if (!isShell(shell)) {
        throw new UsageError(`there is no completion for "${shell}"; there is one for bash, zsh and fish`);
      }
      out.print(SHELLS[shell]([...others, self]));
      return Promise.resolve(EXIT.ok);
    },
  };
  return self;
}

function isShell(name: string): name is keyof typeof SHELLS {
  return Object.hasOwn(SHELLS, name);
}
