/** Puts outcomes into tables for eyes, and into JSON for programs. */
import type { Outcome } from './run.ts';
import type { Column } from './scenario.ts';
import { summarise, type Row, type Summary } from './summary.ts';

/** What a row's ratio is to, and its title. */
interface Yardstick {
  readonly title: string;
  readonly median: number;
}

function yardsticks({ scenario, rows }: Outcome): Yardstick[] {
  const medianOf = (row: Row): number => summarise(row, scenario.judgedBy)?.median ?? NaN;
  const { ratiosTo } = scenario;
  if (ratiosTo !== 'peers')
    return rows
      .filter(({ name }) => ratiosTo.includes(name))
      .map((row) => ({ title: `× ${row.name}`, median: medianOf(row) }));
  const nginx = rows.filter(({ name }) => name === 'nginx').map(medianOf);
  const node = rows.filter(({ kind }) => kind === 'node').map(medianOf);
  return [
    { title: '× nginx', median: Math.min(...nginx) },
    { title: '× best Node', median: Math.min(...node.filter(Number.isFinite)) },
  ];
}

/** The table of one scenario: a line of medians for each gateway, and below it the range over the rounds. */
export function table(outcome: Outcome): string {
  const { scenario, rows } = outcome;
  const measures = yardsticks(outcome);
  const head = ['', ...scenario.columns.map(({ title }) => title), ...measures.map(({ title }) => title)];
  const lines = rows.flatMap((row) => {
    const judged = summarise(row, scenario.judgedBy);
    const ratios = measures.map(({ median }) => ratio(judged, median));
    const medians = [row.name, ...scenario.columns.map((column) => medianCell(row, column)), ...ratios];
    const ranges = [
      '',
      ...scenario.columns.map((column) => rangeCell(row, column)),
      ...measures.map(() => ''),
    ];
    return row.samples.length > 1 ? [medians, ranges] : [medians];
  });
  return `\n${scenario.name}: ${scenario.about}\n${align([head, ...lines])}`;
}

/** Errors, so that nobody overlooks them. */
export function alarm(title: string, errors: readonly string[]): string {
  if (errors.length === 0) return '';
  const lines = errors.map((error) => `!!! ${error.replaceAll('\n', '\n!!!   ')}`);
  return [`\n!!! ERRORS in ${title}: do not trust these numbers`, ...lines].join('\n');
}

/** Everything that was measured, every round of it. */
export function asJson(outcomes: readonly Outcome[], about: Readonly<Record<string, unknown>>): string {
  const results = outcomes.map(({ scenario, rows, errors }) => ({
    scenario: scenario.name,
    judgedBy: scenario.judgedBy,
    errors,
    rows: rows.map((row) => ({ ...row, summary: summaries(row) })),
  }));
  return JSON.stringify({ ...about, results }, null, 2);
}

function summaries(row: Row): Record<string, Summary | null> {
  const keys = new Set(row.samples.flatMap((sample) => Object.keys(sample)));
  return Object.fromEntries([...keys].map((key) => [key, summarise(row, key)]));
}

function ratio(judged: Summary | null, base: number): string {
  const value = judged === null ? NaN : judged.median / base;
  // A base of nothing, or less, as a difference of measurements may be, has no ratio.
  return Number.isFinite(value) && value > 0 && base > 0 ? value.toFixed(2) : '–';
}

function medianCell(row: Row, { key, digits }: Column): string {
  return summarise(row, key)?.median.toFixed(digits) ?? '–';
}

function rangeCell(row: Row, { key, digits }: Column): string {
  const summary = summarise(row, key);
  return summary === null ? '' : `${summary.least.toFixed(digits)}–${summary.most.toFixed(digits)}`;
}

/** Pads all cells of a column to one width: names to the left, numbers to the right. */
function align(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  const pad = (cell: string, index: number): string =>
    index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0);
  return lines.map((line) => `  ${line.map(pad).join('  ')}`.trimEnd()).join('\n');
}
