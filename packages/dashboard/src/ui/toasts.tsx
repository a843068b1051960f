import { type ReactNode, useSyncExternalStore } from 'react';
import { IconButton } from './button.tsx';
import { Icon } from './icons.tsx';

interface Toast {
  readonly id: number;
  readonly tone: 'ok' | 'bad';
  readonly text: ReactNode;
}

const LIFETIME_MS = 9_000;
const MOST = 3;

let toasts: readonly Toast[] = [];
let last = 0;
const hearers = new Set<() => void>();

/** Says that something was done, or was not. Read out by screen readers. */
export function tell(text: ReactNode, tone: Toast['tone'] = 'ok'): void {
  last += 1;
  const id = last;
  set([...toasts, { id, tone, text }].slice(-MOST));
  setTimeout(() => drop(id), LIFETIME_MS);
}

function drop(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const hear of hearers) hear();
}

function subscribe(hear: () => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** Where they are shown. */
export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, tone, text }) => (
        <div key={id} className="toast">
          <span className={`tone-${tone}`}>
            <Icon name={tone} />
          </span>
          <div>{text}</div>
          <IconButton label="Dismiss" icon="close" size="small" onClick={() => drop(id)} />
        </div>
      ))}
    </div>
  );
}
