import type { Path } from './path.ts';

/** Every kind of fault that a configuration can have. Tools match on these; the prose may change. */
export type IssueCode =
  | 'UNREADABLE'
  | 'SYNTAX'
  | 'UNKNOWN_KEY'
  | 'WRONG_TYPE'
  | 'BAD_VALUE'
  | 'OUT_OF_RANGE'
  | 'MISSING_KEY'
  | 'DUPLICATE_KEY'
  | 'DUPLICATE_ENTRY'
  | 'BAD_REFERENCE'
  | 'MISSING_REFERENCE'
  | 'NOT_ALLOWED'
  | 'UNKNOWN_NAME'
  | 'UNKNOWN_PARAMETER'
  | 'CONFLICT'
  | 'NO_TARGET'
  | 'NO_ENDPOINTS'
  | 'NO_LISTENER'
  | 'DUPLICATE_ROUTE'
  | 'DUPLICATE_ADDRESS'
  | 'DUPLICATE_CREDENTIAL'
  | 'ADMIN_EXPOSED'
  | 'INSECURE'
  | 'EXPIRES'
  | 'NO_EFFECT';

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One fault, for people (`message`) and for tools (everything else). Never contains a resolved secret. */
export interface Issue extends Position {
  readonly code: IssueCode;
  /** What is wrong, what was expected, and how to mend it. */
  readonly message: string;
  readonly file: string;
  /** JSON Pointer into the merged document. */
  readonly pointer: string;
  readonly severity: 'error' | 'warning';
  readonly expected?: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** An issue that does not know its place in a file yet; this is what checks return. */
export interface Draft {
  readonly code: IssueCode;
  readonly message: string;
  readonly path: Path;
  /** Points at the key instead of the value: for keys that should not be there, or lack something. */
  readonly at?: 'key' | 'value';
  readonly severity?: 'error' | 'warning';
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
  /** What it is concluded from: if one of these could not be read, nothing can be concluded. */
  readonly from?: readonly Path[];
}

/** Order of reading: by file, line and column. */
export function compareIssues(a: Issue, b: Issue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}

/** One line in the form that editors and terminals make clickable. */
export function formatIssue(issue: Issue): string {
  return `${issue.file}:${issue.line}:${issue.column}: ${issue.severity}: ${issue.message}`;
}

/**
 * The source line with a caret under the fault, or `''` when the text has no such line.
 *
 * Shows the line as it was written, so a secret can only appear if it stands in the file in plain text.
 */
export function codeFrame(text: string, position: Position): string {
  const line = text.split('\n', position.line)[position.line - 1]?.replace(/\r$/, '');
  if (line === undefined) return '';
  const number = String(position.line);
  const start = line.length > MAX_FRAME ? Math.max(0, position.column - MAX_FRAME / 2) : 0;
  const shown = line.slice(start, start + MAX_FRAME);
  const indent = shown.slice(0, position.column - 1 - start).replaceAll(/[^\t]/g, ' ');
  return `${number} | ${shown}\n${' '.repeat(number.length)} | ${indent}^`;
}

/** Of lines that are longer a part is shown. */
const MAX_FRAME = 160;
