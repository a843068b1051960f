/** The numbers of the rounds, and what they come to. */
import type { Peer } from './peers/peer.ts';

/** The numbers of one line of the report. */
export interface Row {
  readonly name: string;
  readonly kind: Peer['kind'];
  readonly samples: Record<string, number>[];
}

/** The middle of the rounds and their ends. */
export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Summarises one number over the rounds; `null` when it was not measured. */
export function summarise(row: Row, key: string): Summary | null {
  const sorted = row.samples.flatMap((sample) => sample[key] ?? []).sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return null;
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return { median: middle.reduce((sum, value) => sum + value, 0) / middle.length, least, most };
}
