import { formatIssue, type Change, type Issue } from '@turnpike/config';
import type { Log } from '../core/ports.ts';

/** What became of a reload. Whatever it was, the gateway serves: the new configuration, or the one before. */
export type ReloadResult =
  | {
      readonly kind: 'applied';
      readonly revision: number;
      readonly changes: readonly Change[];
      /** Settings that take effect only when the process is started anew. */
      readonly restartNeeded: readonly string[];
      readonly warnings: readonly Issue[];
      readonly loadMs: number;
      readonly compileMs: number;
      readonly applyMs: number;
    }
  /** It means what is in use already. */
  | { readonly kind: 'unchanged'; readonly revision: number }
  /** It has errors. */
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] }
  /** It is valid, but a thread could not apply it, or there is no room for it. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'stopping' };

/** A reload that is over. */
export interface ReloadRecord {
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
  readonly result: ReloadResult;
}

/** Writes a reload to the log. */
export function logReload(log: Log, { reason, result }: ReloadRecord): void {
  switch (result.kind) {
    case 'applied': {
      const { changes, warnings, restartNeeded: settings, ...numbers } = result;
      log.info('configuration applied', { reason, ...rounded(numbers), changes: changes.length });
      for (const issue of warnings)
        log.warn('the configuration has a warning', { issue: formatIssue(issue) });
      if (settings.length > 0) log.warn('some settings take effect only after a restart', { settings });
      break;
    }
    case 'rejected':
      log.error('the new configuration has errors; the old one stays in use', {
        reason,
        issues: result.issues.map(formatIssue),
      });
      break;
    case 'failed':
      log.error('the new configuration could not be applied; the old one stays in use', {
        reason,
        problem: result.message,
      });
      break;
    case 'unchanged':
    case 'stopping':
      log.debug('the configuration was not changed', { reason, kind: result.kind });
      break;
    default:
      result satisfies never;
  }
}

/** A reload for people to look at, with the first of its issues. */
export function reloadView(record: ReloadRecord | null): object | null {
  if (record === null) return null;
  const { result, ...rest } = record;
  if (result.kind !== 'rejected') return { ...rest, result };
  const { issues } = result;
  return {
    ...rest,
    result: { kind: 'rejected', count: issues.length, issues: issues.slice(0, SHOWN_ISSUES) },
  };
}

function rounded(numbers: Readonly<Record<string, number | string>>): object {
  const entries = Object.entries(numbers).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.round(value * 10) / 10 : value,
  ]);
  return Object.fromEntries(entries) as object;
}

const SHOWN_ISSUES = 10;
