import { writeFile } from 'node:fs/promises';
import type { Option } from '../command.ts';
import { Failure } from '../exit-codes.ts';
import type { Outputs } from '../output/terminal.ts';

/** `--out`, for what is made for other programs. */
export const outOption: Option = {
  name: 'out',
  short: 'o',
  value: { kind: 'text', name: 'FILE' },
  about: 'write it to a file',
};

/** Prints a text, or writes it to the file of `--out`. `what` names it, with its article. */
export async function writeText(
  { what, text, file }: { readonly what: string; readonly text: string; readonly file: string | undefined },
  { out, err }: Outputs,
): Promise<void> {
  if (file === undefined) return out.print(text.trimEnd());
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Failure(`${what} cannot be written to ${file}`, { cause: error });
  }
  err.print(`Written to ${file}`);
}
