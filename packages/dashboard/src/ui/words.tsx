import { type ReactNode, useSyncExternalStore } from 'react';
import { ago, epochOf, moment } from './format.ts';
import { Icon, type IconName } from './icons.tsx';

/** How good or bad something is. */
export type Tone = 'ok' | 'warn' | 'bad' | 'accent' | 'plain';

const TONE_ICONS: Readonly<Record<Tone, IconName | null>> = {
  ok: 'ok',
  warn: 'warn',
  bad: 'bad',
  accent: null,
  plain: null,
};

/** A state in a word. With a picture, so that it is not told by its colour alone. */
export function Badge({
  tone = 'plain',
  icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}) {
  const shown = icon ?? TONE_ICONS[tone];
  return (
    <span className="badge" data-tone={tone}>
      {shown && <Icon name={shown} />}
      {children}
    </span>
  );
}

const STATE_TONES: Readonly<Record<string, Tone>> = {
  up: 'ok',
  ready: 'ok',
  active: 'ok',
  closed: 'ok',
  ok: 'ok',
  current: 'ok',
  completed: 'ok',
  done: 'ok',
  serving: 'ok',
  fresh: 'ok',
  quiet: 'ok',
  new: 'accent',
  running: 'accent',
  'half-open': 'warn',
  penalised: 'warn',
  degraded: 'warn',
  pending: 'warn',
  paused: 'warn',
  draining: 'warn',
  stale: 'warn',
  shadowed: 'warn',
  warming: 'accent',
  refused: 'warn',
  'rolled-back': 'warn',
  ejected: 'bad',
  down: 'bad',
  open: 'bad',
  firing: 'bad',
  quarantined: 'bad',
  failed: 'bad',
  unknown: 'bad',
  dead: 'bad',
};

/** The tone of a word that the gateway uses for a state. */
export function toneOf(state: string): Tone {
  return STATE_TONES[state] ?? 'plain';
}

/** A word of the gateway for a state. */
export function State({ state }: { readonly state: string }) {
  return <Badge tone={toneOf(state)}>{state}</Badge>;
}

/** The status of a response. */
export function HttpStatus({ status }: { readonly status: number }) {
  const tone: Tone = status >= 500 ? 'bad' : status >= 400 ? 'warn' : status >= 300 ? 'plain' : 'ok';
  return (
    <span className={`num tone-${tone}`} data-tone={tone}>
      {status}
    </span>
  );
}

/** A method, always as wide as the longest usual one. */
export function Method({ name }: { readonly name: string }) {
  return <span className="mono">{name}</span>;
}

// One clock for all times on the page, so that they change together and rarely.
let now = Date.now();
const hearers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const hear of hearers) hear();
}, 5_000);

function subscribe(hear: () => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** Now, to five seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** When something was, from here; the exact time on hover and for machines. */
export function Time({ at }: { readonly at: number | string | null | undefined }) {
  const current = useNow();
  const epoch = at === null || at === undefined ? Number.NaN : epochOf(at);
  if (Number.isNaN(epoch)) return <span className="muted">never</span>;
  return (
    <time dateTime={new Date(epoch).toISOString()} title={moment(epoch)}>
      {ago(epoch, Math.max(current, Date.now() - 5_000))}
    </time>
  );
}

/** How full something is. The number stands beside it. */
export function Meter({
  value,
  label,
  tone = 'plain',
}: {
  readonly value: number;
  readonly label: string;
  readonly tone?: Tone;
}) {
  const percent = Math.max(0, Math.min(100, value * 100));
  return (
    <span className="meter" role="img" aria-label={label} data-tone={tone}>
      <i style={{ width: `${percent}%` }} />
    </span>
  );
}
