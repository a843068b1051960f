/** What reading a text in one of our notations gives. The problem completes "…, but it ". */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly problem: string;
      readonly suggestion?: string;
    };

/** The text was understood. */
export function understood<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** The text was not understood. */
export function refused(problem: string, suggestion?: string): Parsed<never> {
  return suggestion === undefined ? { ok: false, problem } : { ok: false, problem, suggestion };
}
