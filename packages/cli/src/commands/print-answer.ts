import type { Given } from '../command.ts';
import type { Output } from '../output/terminal.ts';

/** How an answer of a gateway is told. */
export interface Printing<T> {
  readonly given: Given;
  readonly out: Output;
  /** For people; programs get JSON. */
  readonly lines: (answer: T, paint: Output['paint']) => string[];
}

/** Prints an answer: as one JSON document with `--json`, and in lines otherwise. */
export function printAnswer<T>(answer: T, { given, out, lines }: Printing<T>): void {
  if (given.has('json')) out.print(JSON.stringify(answer, null, 2));
  else out.print(...lines(answer, out.paint));
}
