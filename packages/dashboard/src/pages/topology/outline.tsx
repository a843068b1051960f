import { hrefOf } from '../../router/location.ts';
import { plural } from '../../ui/format.ts';
import { State } from '../../ui/words.tsx';
import { HealthIcon } from './diagram.tsx';
import type { Group } from './groups.ts';

/** The same as a list: for narrow screens, and for who reads better than looks. */
export function Outline({
  groups,
  isOpen,
  most,
}: {
  readonly groups: readonly Group[];
  /** Rows of a group. */
  readonly most: number;
  readonly isOpen: (group: Group) => boolean;
}) {
  return (
    <div className="outline">
      {groups.map((group) => {
        const up = group.endpoints.filter(({ state }) => state === 'up').length;
        return (
          <details key={group.name ?? ''} open={isOpen(group)}>
            <summary>
              {group.name !== null && (
                <HealthIcon
                  state={up === group.endpoints.length && up > 0 ? 'up' : up === 0 ? 'down' : 'degraded'}
                />
              )}
              <strong>{group.name ?? 'Answered by the gateway'}</strong>
              <span className="muted small">
                {plural(group.routes.length, 'route')}
                {group.name !== null && `, ${up} of ${plural(group.endpoints.length, 'endpoint')} up`}
                {group.discovery !== null && `, by ${group.discovery}`}
              </span>
            </summary>
            <div className="outline-cols">
              <ul aria-label="Routes">
                {group.routes.slice(0, most).map(({ name, path, methods }) => (
                  <li key={name}>
                    <a href={hrefOf(['routes', name])}>{name}</a>
                    <code className="muted truncate">
                      {methods.join(' ')} {path}
                    </code>
                  </li>
                ))}
                {group.routes.length > most && (
                  <li className="muted">
                    {plural(group.routes.length - most, 'more route')}: search for them
                  </li>
                )}
              </ul>
              {group.endpoints.length > 0 && (
                <ul aria-label="Endpoints">
                  {group.endpoints.slice(0, most).map(({ url, state }) => (
                    <li key={url}>
                      <State state={state} /> <code className="truncate">{url}</code>
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </details>
        );
      })}
    </div>
  );
}
