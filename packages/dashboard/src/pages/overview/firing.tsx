import { useAlerts } from '../../api/gateway.ts';
import { LinkButton } from '../../ui/button.tsx';
import { plural } from '../../ui/format.ts';
import { Note } from '../../ui/layout.tsx';
import { Time } from '../../ui/words.tsx';

/** Alerts that fire. Nothing where there are none: calm is the rule. */
export function Firing() {
  const firing = useAlerts().data?.filter(({ state }) => state === 'firing') ?? [];
  if (firing.length === 0) return null;
  return (
    <Note
      tone="bad"
      icon="alerts"
      title={`${plural(firing.length, 'alert')} firing`}
      action={
        <LinkButton size="small" href="#/alerts?state=firing">
          See all
        </LinkButton>
      }
    >
      <ul>
        {firing.slice(0, 4).map(({ alert, text, firingSince }) => (
          <li key={alert}>
            <strong>{alert}</strong>: {text}
            {firingSince && (
              <>
                , since <Time at={firingSince} />
              </>
            )}
          </li>
        ))}
      </ul>
    </Note>
  );
}
