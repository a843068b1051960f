import type { ComponentProps, ReactNode } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** How much a button asks to be pressed. */
type Look = 'plain' | 'primary' | 'danger' | 'quiet';

interface Dress {
  readonly look?: Look;
  readonly size?: 'small';
  readonly icon?: IconName;
}

type ButtonProps = Dress & Omit<ComponentProps<'button'>, 'type'> & { readonly type?: 'button' | 'submit' };

/** Does something here. What goes elsewhere is a `LinkButton`. */
export function Button({ look = 'plain', size, icon, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button className="button" type={type} data-look={look} data-size={size} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button of which only a picture is seen; `label` is what it says. */
export function IconButton({
  label,
  icon,
  look = 'quiet',
  size,
  ...rest
}: ButtonProps & { readonly label: string; readonly icon: IconName }) {
  return (
    <button
      className="button"
      type="button"
      data-icon=""
      data-look={look}
      data-size={size}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Goes elsewhere, and looks like a button because it is the next step. */
export function LinkButton({ look = 'plain', size, icon, children, ...rest }: Dress & ComponentProps<'a'>) {
  return (
    <a className="button" data-look={look} data-size={size} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
}

/** One of a few, all in sight. */
export function Segments<T extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [value: T, shown: ReactNode])[];
  readonly onChange: (value: T) => void;
}) {
  // As radio buttons do it: one stop for the tabulator, and arrows inside.
  const press = (event: React.KeyboardEvent<HTMLDivElement>): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key] ?? 0;
    if (step === 0) return;
    event.preventDefault();
    const at = choices.findIndex(([one]) => one === value);
    const next = (at + step + choices.length) % choices.length;
    const [chosen] = choices[next] ?? [];
    event.currentTarget.querySelectorAll('button')[next]?.focus();
    if (chosen !== undefined) onChange(chosen);
  };
  const hasChoice = choices.some(([one]) => one === value);
  return (
    <div className="segments" role="radiogroup" aria-label={label} onKeyDown={press}>
      {choices.map(([one, shown], index) => (
        <button
          key={one}
          type="button"
          className="segment"
          role="radio"
          aria-checked={one === value}
          tabIndex={one === value || (!hasChoice && index === 0) ? 0 : -1}
          onClick={() => onChange(one)}
        >
          {shown}
        </button>
      ))}
    </div>
  );
}
