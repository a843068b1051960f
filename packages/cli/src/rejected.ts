import { Failure } from './exit-codes.ts';

/** Something that is wrong with what was sent. */
export interface Fault {
  readonly message: string;
  /** Where, as far as that is known: a file with its line, or a JSON Pointer. */
  readonly place: string;
  /** Where in what was sent; `null`: it is in a file of the gateway. */
  readonly pointer: string | null;
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
    if (typeof error !== 'object' || error === null)
      return { message: String(error), place: '', pointer: null };
    const { message, pointer, file, line } = error as Readonly<Record<string, unknown>>;
    const sent = typeof pointer === 'string' && !isFile(file) ? pointer : null;
    const place = placeOf(file, line) ?? (typeof pointer === 'string' ? pointer : '');
    return { message: typeof message === 'string' ? message : JSON.stringify(error), place, pointer: sent };
  });
}

/** Objects of a database have no lines, and what was sent has those of who sent it. */
function placeOf(file: unknown, line: unknown): string | null {
  if (typeof file !== 'string' || file === '' || file === SENT) return null;
  return typeof line === 'number' && isFile(file) ? `${file}:${line}` : file;
}

/** What the gateway calls the document that it was sent. */
const SENT = 'document';

function isFile(file: unknown): boolean {
  return typeof file === 'string' && file !== '' && file !== SENT && !file.startsWith('database:');
}
