import type { AlertSeverity, ObjectiveConfig } from '@turnpike/config';

/** Fires when the budget burns at least so many times as fast as it may, over both windows. */
export interface BurnRule {
  readonly severity: AlertSeverity;
  readonly factor: number;
  readonly longMs: number;
  /** The short one lets it end soon after the trouble has. */
  readonly shortMs: number;
}

/**
 * When an objective alerts (Google's SRE Workbook, chapter 5): 2 % of the budget in an hour, 5 % in six hours, 10 % in three
 * days. Over 30 days these are 14.4, 6 and 1 times as fast as it may burn; never less than 1, which is what lasts.
 */
export function burnRules(
  { windowMs }: Pick<ObjectiveConfig, 'windowMs'>,
  only: AlertSeverity | null,
): readonly BurnRule[] {
  return SHARES.filter(({ severity }) => only === null || severity === only).map(
    ({ severity, share, longMs, shortMs }) => {
      const factor = Math.max(1, Math.round(((share * windowMs) / longMs) * 1000) / 1000);
      return { severity, factor, longMs, shortMs };
    },
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The most urgent first. */
const SHARES = [
  { severity: 'page', share: 0.02, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS },
  { severity: 'page', share: 0.05, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS },
  { severity: 'ticket', share: 0.1, longMs: 72 * HOUR_MS, shortMs: 6 * HOUR_MS },
] as const;
