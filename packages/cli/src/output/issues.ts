import { readFileSync } from 'node:fs';
import { codeFrame, type Issue } from '@turnpike/config';
import { plural } from './plural.ts';
import type { Output, Paint } from './terminal.ts';

/** Shows every issue as `file:line:column`, which editors and terminals make clickable, with the line it is about. */
export function printIssues(issues: readonly Issue[], output: Output): void {
  const texts = new Map<string, string>();
  for (const issue of issues) {
    output.print(headline(issue, output.paint));
    const text = textOf(issue.file, texts);
    const frame = text === '' ? '' : codeFrame(text, issue);
    if (frame !== '') output.print(indented(frame, output.paint));
    output.print();
  }
}

/** `2 errors, 1 warning`. */
export function issueSummary(issues: readonly Issue[]): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const warnings = issues.length - errors;
  if (warnings === 0) return plural(errors, 'error');
  return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
}

/** Whether any of them stands in the way of using the configuration. */
export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

function headline(issue: Issue, paint: Paint): string {
  const { file, line, column, severity, message, code } = issue;
  const place = paint('bold', `${file}:${line}:${column}`);
  const kind = paint(severity === 'error' ? ['bold', 'red'] : ['bold', 'yellow'], severity);
  return `${place}: ${kind}: ${message} ${paint('dim', `[${code}]`)}`;
}

/** The frame below the headline: the line dim, the caret not. */
function indented(frame: string, paint: Paint): string {
  const [line = '', caret = ''] = frame.split('\n');
  return `  ${paint('dim', line)}\n  ${paint('red', caret)}`;
}

/** The text of a file, or nothing if it is no file: then there is no line to show. */
function textOf(file: string, known: Map<string, string>): string {
  let text = known.get(file);
  if (text === undefined) {
    text = readIfPossible(file);
    known.set(file, text);
  }
  return text;
}

function readIfPossible(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the issue itself says that it cannot be read
  }
}
