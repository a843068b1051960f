import { plural } from '../../output/plural.ts';
import { printable } from '../../output/printable.ts';
import type { Paint } from '../../output/terminal.ts';

/** What a change does, or would do, as the admin API tells it. */
export interface Plan {
  readonly revision: number | null;
  readonly changes: readonly PlannedChange[];
  readonly risks: readonly PlannedRisk[];
  readonly warnings: readonly { readonly message: string }[];
}

/** What becomes of one object. */
export interface PlannedChange {
  readonly kind: string;
  readonly name: string;
  readonly workspace: string;
  readonly action: 'added' | 'changed' | 'removed';
  readonly fields: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[];
}

/** Something to know before. */
export interface PlannedRisk {
  readonly level: 'high' | 'medium' | 'low';
  readonly message: string;
  readonly objects: readonly string[];
}

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;
const COLOURS = { added: 'green', changed: 'yellow', removed: 'red' } as const;
const RISK_COLOURS = { high: 'red', medium: 'yellow', low: 'dim' } as const;
/** Longer values are cut: the whole is in `--json`. */
const MAX_TEXT = 100;

/** A plan for people: objects with what is different in them, then what is risky about it. */
export function planLines({ changes, risks, warnings }: Plan, paint: Paint): string[] {
  if (changes.length === 0) return ['no changes'];
  return [
    ...changeLines(changes, paint),
    summary(changes),
    ...risks.map((risk) => riskLine(risk, paint)),
    ...warnings.map(({ message }) => `${paint('yellow', 'warning')} ${printable(message)}`),
  ];
}

/** Objects with what is different in them. */
export function changeLines(changes: readonly PlannedChange[], paint: Paint): string[] {
  return changes.flatMap(({ kind, name, workspace, action, fields }) => {
    const place = workspace === 'default' ? '' : ` (${workspace})`;
    const head = paint(COLOURS[action], printable(`${SIGNS[action]} ${kind}.${name}${place}`));
    return [head, ...(action === 'changed' ? fields.flatMap((field) => fieldLines(field, paint)) : [])];
  });
}

function fieldLines({ path, before, after }: PlannedChange['fields'][number], paint: Paint): string[] {
  const place = path === '' ? '(all of it)' : path.slice(1).replaceAll('/', '.');
  return [
    `    ${printable(place)}`,
    ...(before === undefined ? [] : [paint('red', `      - ${valueText(before)}`)]),
    ...(after === undefined ? [] : [paint('green', `      + ${valueText(after)}`)]),
  ];
}

function valueText(value: unknown): string {
  const text = printable(JSON.stringify(value));
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function summary(changes: readonly PlannedChange[]): string {
  const counts = (['added', 'changed', 'removed'] as const).map((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? '' : `${count} ${action}`;
  });
  return `${plural(changes.length, 'object')}: ${counts.filter((text) => text !== '').join(', ')}`;
}

/** One risk for people. */
export function riskLine({ level, message, objects }: PlannedRisk, paint: Paint): string {
  const names = objects.length === 0 ? '' : ` (${objects.join(', ')})`;
  return `${paint(RISK_COLOURS[level], `${level} risk`)} ${printable(message + names)}`;
}
