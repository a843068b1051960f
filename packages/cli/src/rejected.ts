import { Failure } from './exit-codes.ts';

/** Something that is wrong with what was sent. */
export interface Fault {
  readonly message: string;
  /** Where, as far as that is known: a file with its line, or a JSON Pointer. */
  readonly place: string;
}

/** A change that the gateway refuses because the configuration would have errors. */
export class RejectedConfiguration extends Failure {
  readonly title: string;
  readonly faults: readonly Fault[];

  constructor(title: string, faults: readonly Fault[]) {
    super([title, ...faults.map(({ message }) => message)].join(': '));
    this.title = title;
    this.faults = faults;
  }
}

/** Reads `errors` of a problem document: texts, or what is wrong and where. */
export function faultsOf(errors: unknown): Fault[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) => {
    if (typeof error !== 'object' || error === null) return { message: String(error), place: '' };
    const { message, pointer, file, line } = error as Readonly<Record<string, unknown>>;
    const place = placeOf(file, line) ?? (typeof pointer === 'string' ? pointer : '');
    return { message: typeof message === 'string' ? message : JSON.stringify(error), place };
  });
}

/** Objects of a database have no lines. */
function placeOf(file: unknown, line: unknown): string | null {
  if (typeof file !== 'string' || file === '') return null;
  return typeof line === 'number' && !file.startsWith('database:') ? `${file}:${line}` : file;
}
