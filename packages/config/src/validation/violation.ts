import { MAX_FAULTS, type Fault } from './fault.ts';

/** Where in a message something is. */
export type Location = 'path' | 'query' | 'header' | 'cookie' | 'body';

/** One thing that a message is not as described (RFC 9457 §3: what `errors` of a problem are made of). Never holds a value. */
export interface Violation {
  /** What is wrong, for people: `must be integer`. */
  readonly detail: string;
  readonly in: Location;
  /** Name of the parameter or header. */
  readonly parameter?: string;
  /** Into the body, or into the value of the parameter: a JSON Pointer as a fragment (RFC 6901 §6), `#/items/0`. */
  readonly pointer?: string;
  /** Of JSON Schema, or `encoding`, `duplicate`, `unknown`, `syntax`, `contentType`. */
  readonly keyword: string;
}

/** What a message that cannot be as described has at most of them. */
export const MAX_VIOLATIONS = MAX_FAULTS;
/** Names of properties are the client's, and may be long. */
const MAX_POINTER_LENGTH = 256;

/** A fault of a value as a violation of the message that has it. */
export function violationOf(
  { keyword, pointer, message }: Fault,
  place: Pick<Violation, 'in' | 'parameter'>,
): Violation {
  const isWhole = pointer === '' && place.in !== 'body';
  return { detail: message, ...place, ...(!isWhole && { pointer: fragmentOf(pointer) }), keyword };
}

/** The pointer as a fragment; of what surrounds the place if it is too long. */
function fragmentOf(pointer: string): string {
  const short =
    pointer.length > MAX_POINTER_LENGTH
      ? pointer.slice(0, pointer.lastIndexOf('/', MAX_POINTER_LENGTH))
      : pointer;
  return `#${encodeURI(short.toWellFormed()).replaceAll('#', '%23')}`;
}
