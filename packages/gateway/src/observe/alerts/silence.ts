/** That nobody wants to hear of an alert for a while, as somebody said while the gateway ran. */
export interface Silence {
  readonly id: string;
  /** Name of the alert. */
  readonly alert: string;
  readonly reason: string;
  /** Who said so. */
  readonly author: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A silence as the admin API shows it. */
export interface SilenceView {
  readonly id: string;
  readonly alert: string;
  readonly reason: string;
  readonly author: string;
  readonly from: string;
  readonly until: string;
}

/** A silence for people and programs. */
export function silenceView({ fromMs, untilMs, ...rest }: Silence): SilenceView {
  return { ...rest, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
}

/** What is kept of silences; those that are over are left out. */
export function silencesText(silences: readonly Silence[]): string {
  return `${JSON.stringify({ version: VERSION, silences })}\n`;
}

/** What was kept; null: it is not what we write. */
export function silencesOf(text: string | null): readonly Silence[] | null {
  if (text === null) return [];
  try {
    const { version, silences }: { version?: unknown; silences?: unknown } = JSON.parse(text);
    const isOurs = version === VERSION && Array.isArray(silences) && silences.every(isSilence);
    return isOurs ? (silences as Silence[]) : null;
  } catch {
    return null; // it was cut, or is something else
  }
}

function isSilence(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, alert, reason, author, fromMs, untilMs } = value as Record<string, unknown>;
  const areTexts = [id, alert, reason, author].every((one) => typeof one === 'string');
  return areTexts && isTime(fromMs) && isTime(untilMs);
}

/** A time that a `Date` can hold. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

/** Must be raised when what is written changes so that an older text would not do. */
const VERSION = 1;
