import { ask } from '../../api/client.ts';
import { useLive } from '../../api/gateway.ts';
import { useMutation, useQueryClient } from '../../api/query.ts';
import { useMay } from '../../api/rights.ts';
import { Segments } from '../../ui/button.tsx';
import { Card } from '../../ui/layout.tsx';
import { Loaded, Trouble } from '../../ui/states.tsx';
import { tell } from '../../ui/toasts.tsx';
import { Badge } from '../../ui/words.tsx';

const LEVELS = [
  ['error', 'Errors'],
  ['warn', 'Warnings'],
  ['info', 'Info'],
  ['debug', 'Debug'],
] as const;

interface Levels {
  readonly level: string;
  /** null: as all the others. */
  readonly components: Readonly<Record<string, string | null>>;
}

type Change = Partial<Levels>;

/** How much the program tells in its log, until it starts again. */
export function LogLevel() {
  const level = useLive<Levels>('/log-level', false);
  const mayChange = useMay()('editor');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (next: Change) => ask('/log-level', { method: 'PUT', body: next }),
    onSuccess: async () => {
      tell('The log tells as much as you said');
      await client.invalidateQueries({ queryKey: ['live', '/log-level'] });
    },
  });
  return (
    <Card
      title="Program log"
      aside={
        <Loaded of={level}>
          {({ level: now }) =>
            mayChange ? (
              <Segments
                label="Log level"
                value={now}
                choices={LEVELS}
                onChange={(next) => change.mutate({ level: next })}
              />
            ) : (
              <Badge>{now}</Badge>
            )
          }
        </Loaded>
      }
    >
      <p className="muted">How much the program tells. It is as configured again after a restart.</p>
      <Loaded of={level}>
        {({ components }) => (
          <details>
            <summary>Parts of the program</summary>
            {Object.entries(components).map(([name, own]) => (
              <label key={name} className="field">
                <span className="field-label">{name}</span>
                <select
                  className="input"
                  disabled={!mayChange}
                  value={own ?? ''}
                  onChange={({ target }) => change.mutate({ components: { [name]: target.value || null } })}
                >
                  <option value="">as the others</option>
                  {LEVELS.map(([value, label]) => (
                    <option key={value} value={value}>
                      {label}
                    </option>
                  ))}
                </select>
              </label>
            ))}
          </details>
        )}
      </Loaded>
      {change.error && <Trouble error={change.error} />}
    </Card>
  );
}
