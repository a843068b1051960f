/** Something that a value has and a schema does not allow, or the other way round. Never holds a value. */
export interface Fault {
  /** Of JSON Schema. */
  readonly keyword: string;
  /** JSON Pointer into the value. */
  readonly pointer: string;
  /** Completes "The value …". */
  readonly message: string;
}

/** Says what is wrong with a value; an empty list: nothing. Never throws, whatever the value is. */
export type Check = (value: unknown) => readonly Fault[];

/** How many faults of one value are told, give or take those that one of its items has. */
export const MAX_FAULTS = 50;
