import { styleText } from 'node:util';

/** Puts a style around a text where the output shows colours; `NO_COLOR` and `FORCE_COLOR` are honoured. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** One of the two places where a command writes to. */
export interface Output {
  /** Whether a person looks at it; otherwise it is a pipe, a file or a log. */
  readonly isTerminal: boolean;
  readonly paint: Paint;
  /** Writes lines; without any, an empty one. */
  print(...lines: readonly string[]): void;
}

/** Where a command writes: what was asked for goes to `out`, everything else to `err`. */
export interface Outputs {
  readonly out: Output;
  readonly err: Output;
}

/** The outputs of this process. A reader that goes away early (`turnpike schema | head`) ends it quietly. */
export function processOutputs(): Outputs {
  process.stdout.on('error', endWithReader);
  return { out: outputOf(process.stdout), err: outputOf(process.stderr) };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY,
    paint: (style, text) => styleText(style, text, { stream }),
    print: (...lines) => {
      stream.write(lines.length === 0 ? '\n' : `${lines.join('\n')}\n`);
    },
  };
}

function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
