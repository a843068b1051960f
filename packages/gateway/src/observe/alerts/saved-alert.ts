import type { AlertSeverity } from '@turnpike/config';
import type { AlertNews } from './alert-life.ts';
import type { Reading } from './counter-history.ts';

/** What outlives a restart of an alert: where it stands, what people believe, and what its counters stood at. */
export interface SavedAlert {
  readonly name: string;
  /** A digest of what it means; of another meaning nothing is taken over. */
  readonly meaning: string;
  readonly firing: SavedFiring | null;
  /** What was told and arrived. */
  readonly told: AlertNews | null;
  readonly readings: readonly Reading[];
}

/** How bad it is, and since when. */
export interface SavedFiring {
  readonly severity: AlertSeverity;
  readonly startedAtMs: number;
}

/** What stands in a file; null: none of it is believed, because something in it is not what we write. */
export function savedAlertsOf(value: unknown): readonly SavedAlert[] | null {
  if (!isRecord(value) || value['version'] !== VERSION || !Array.isArray(value['alerts'])) return null;
  const alerts: unknown[] = value['alerts'];
  return alerts.every(isSavedAlert) ? alerts : null;
}

/** What is written to a file. */
export function savedAlertsFile(alerts: readonly SavedAlert[]): object {
  return { version: VERSION, alerts };
}

function isSavedAlert(value: unknown): value is SavedAlert {
  if (!isRecord(value)) return false;
  const { name, meaning, firing, told, readings } = value;
  if (typeof name !== 'string' || typeof meaning !== 'string') return false;
  if (firing !== null && !isFiring(firing)) return false;
  if (told !== null && !isNews(told)) return false;
  return Array.isArray(readings) && readings.length <= MOST_READINGS && readings.every(isReading);
}

function isFiring(value: unknown): value is SavedFiring {
  return isRecord(value) && isSeverity(value['severity']) && isTime(value['startedAtMs']);
}

function isNews(value: unknown): value is AlertNews {
  if (!isRecord(value) || !isFiring(value) || value['kind'] !== 'firing') return false;
  const { text, value: found } = value;
  return typeof text === 'string' && (found === null || Number.isFinite(found));
}

function isReading(value: unknown): value is Reading {
  return Array.isArray(value) && value.length === 3 && value.every((one) => Number.isFinite(one));
}

function isSeverity(value: unknown): value is AlertSeverity {
  return value === 'page' || value === 'ticket';
}

/** A time that a `Date` can hold. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Must be raised when what is written changes so that an older file would not do. */
const VERSION = 1;
/** Minutes of six hours, hours of three days, and the last: more than a history ever has. */
const MOST_READINGS = 500;
