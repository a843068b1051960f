/** Something that is wrong with a document, or that will not do what its author may expect. */
export interface DocumentProblem {
  /** Address of the document. */
  readonly uri: string;
  readonly pointer: string;
  /** Completes "`#/paths/~1users` …". */
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** Something that cannot be used. */
export function error({ uri, pointer }: { uri: string; pointer: string }, message: string): DocumentProblem {
  return { uri, pointer, message, severity: 'error' };
}

/** Something that can be used, but not as its author may think. */
export function warning(
  { uri, pointer }: { uri: string; pointer: string },
  message: string,
): DocumentProblem {
  return { uri, pointer, message, severity: 'warning' };
}
