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

/** How much the program tells in its log, until it starts again. */
export function LogLevel() {
  const level = useLive<{ readonly level: string }>('/log-level', false);
  const mayChange = useMay()('editor');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (next: string) => ask('/log-level', { method: 'PUT', body: { level: next } }),
    onSuccess: async (_, next) => {
      tell(`The log tells ${next} and what is graver`);
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
                onChange={(next) => change.mutate(next)}
              />
            ) : (
              <Badge>{now}</Badge>
            )
          }
        </Loaded>
      }
    >
      <p className="muted">How much the program tells. It is as configured again after a restart.</p>
      {change.error && <Trouble error={change.error} />}
    </Card>
  );
}
