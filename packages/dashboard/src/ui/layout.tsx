import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon, type IconName } from './icons.tsx';

/** What a page begins with. Who comes by keyboard or screen reader begins at its title. */
export function PageHead({
  title,
  lead,
  crumb,
  children,
}: {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly crumb?: ReactNode;
  readonly children?: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Turnpike`;
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [title]);
  return (
    <header className="page-head">
      <div>
        {crumb && <div className="crumbs">{crumb}</div>}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p className="page-lead">{lead}</p>}
      </div>
      {children && <div className="row">{children}</div>}
    </header>
  );
}

/** A part of a page, with its name. */
export function Card({
  title,
  aside,
  children,
  isPadded = true,
}: {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Tables and lists reach the edge. */
  readonly isPadded?: boolean;
}) {
  const id = useId();
  return (
    <section className="card" {...(title !== undefined && { 'aria-labelledby': id })}>
      {title !== undefined && (
        <div className="card-head">
          <h2 id={id}>{title}</h2>
          {aside}
        </div>
      )}
      {isPadded ? (
        <div className="card-body" data-pad={title === undefined ? '' : undefined}>
          {children}
        </div>
      ) : (
        children
      )}
    </section>
  );
}

/** Something to know, with its tone. */
export function Note({
  tone = 'plain',
  icon = 'info',
  title,
  children,
  action,
}: {
  readonly tone?: 'plain' | 'accent' | 'warn' | 'bad';
  readonly icon?: IconName;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="note" data-tone={tone}>
      <Icon name={icon} />
      <div>
        {title && <strong>{title}</strong>}
        {children && <div className="muted">{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** Nothing is there, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Names and what they are. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => [<dt key={`${name}?`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}
