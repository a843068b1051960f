import type { AlertView, SilenceView } from '../gateway.ts';
import { printable } from './printable.ts';
import { alignColumns } from './table.ts';
import type { Paint } from './terminal.ts';

/** A table of alerts, and below it who does not want to hear of which. */
export function alertLines(alerts: readonly AlertView[], paint: Paint): string[] {
  if (alerts.length === 0) return ['the configuration has no alerts'];
  const rows = alerts.map(({ alert, state, severity, firingSince, text }) => [
    printable(alert),
    state === 'firing' ? paint(['bold', 'red'], state) : state,
    severity ?? '-',
    firingSince === null ? '-' : dateText(firingSince),
    printable(text),
  ]);
  const titles = ['ALERT', 'STATE', 'SEVERITY', 'FIRING SINCE', 'WHAT IT SEES'];
  const silences = alerts.flatMap(({ silence }) => (silence === null ? [] : [silenceText(silence)]));
  const below = silences.length === 0 ? [] : ['', ...silences];
  return [...alignColumns([titles.map((title) => paint('bold', title)), ...rows]), ...below];
}

/** `orders fail is silenced until 2026-11-23 12:00:00Z by ada: planned work`. */
export function silenceText({ alert, until, author, reason }: SilenceView): string {
  return `${printable(alert)} is silenced until ${dateText(until)} by ${printable(author)}: ${printable(reason)}`;
}

/** To the second, in UTC. */
function dateText(iso: string): string {
  return printable(iso.replace('T', ' ').replace(/\.\d+(?=Z$)/, ''));
}
