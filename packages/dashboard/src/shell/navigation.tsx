import { useAlerts } from '../api/gateway.ts';
import { useMay } from '../api/rights.ts';
import { Icon } from '../ui/icons.tsx';
import { closeOutside, useModal } from '../ui/dialog.tsx';
import { usePlaces } from './places.ts';

const GROUPS = ['Observe', 'Configure', 'Operate'] as const;

/** All pages, by what one does there. */
export function Navigation({ current }: { readonly current: string }) {
  const places = usePlaces();
  const alerts = useAlerts(useMay()('viewer'));
  const firing = alerts.data?.filter(({ state }) => state === 'firing').length ?? 0;
  return (
    <nav className="side" aria-label="Pages">
      <a className="brand" href="#/overview">
        <Mark />
        Turnpike
      </a>
      {GROUPS.filter((group) => places.some((place) => place.group === group)).map((group) => (
        <div key={group} className="side-group">
          <div className="side-title" id={`nav-${group}`}>
            {group}
          </div>
          <ul aria-labelledby={`nav-${group}`}>
            {places
              .filter((place) => place.group === group)
              .map(({ path, title, icon }) => (
                <li key={path}>
                  <a
                    className="side-link"
                    href={`#/${path}`}
                    aria-current={path === current ? 'page' : undefined}
                  >
                    <Icon name={icon} />
                    {title}
                    {path === 'alerts' && firing > 0 && (
                      <span className="side-count">
                        {firing}
                        <span className="visually-hidden"> firing</span>
                      </span>
                    )}
                  </a>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** The same over the page, where there is no room beside it. */
export function Drawer({ current, onClose }: { readonly current: string; readonly onClose: () => void }) {
  const element = useModal();
  const close = (event: React.MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest('a') !== null) element.current?.close();
  };
  return (
    <dialog ref={element} className="drawer" aria-label="Pages" onClose={onClose} onClick={closeOutside}>
      <div onClick={close} role="presentation">
        <Navigation current={current} />
      </div>
    </dialog>
  );
}

/** A bar across a road. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round">
        <path d="M9 8v16" />
        <path d="M9 12.500 25 8.500" />
        <path d="M15.500 20h9" opacity=".65" />
      </g>
    </svg>
  );
}
