import { useStatus } from '../../api/gateway.ts';
import { plural } from '../../ui/format.ts';
import { Card } from '../../ui/layout.tsx';
import { Badge, Meter } from '../../ui/words.tsx';

/** Priorities that a thread can send away; it never does so to the highest. */
const LEVELS = 4;

/** Whether threads can follow, or send the lower priorities away to protect themselves. */
export function Strain() {
  const threads = useStatus().data?.threads ?? [];
  if (threads.length === 0) return null;
  const shedding = threads.filter(({ strain }) => (strain?.sheds.length ?? 0) > 0);
  return (
    <Card
      title="Self-protection"
      aside={
        shedding.length === 0 ? (
          <Badge tone="ok">all threads follow</Badge>
        ) : (
          <Badge tone="bad">{plural(shedding.length, 'thread')} shed load</Badge>
        )
      }
    >
      <ul className="grid" style={{ ['--min' as string]: '11rem' }}>
        {threads.map(({ thread, strain }) => {
          const level = Math.max(strain?.lag ?? 0, strain?.memory ?? 0);
          const sheds = strain?.sheds.join(', ') ?? '';
          return (
            <li key={thread}>
              <div className="row spread">
                <span>Thread {thread}</span>
                <Meter
                  value={level / LEVELS}
                  tone={level > 0 ? 'bad' : 'plain'}
                  label={`Thread ${thread}: ${level} of ${LEVELS} priorities are sent away`}
                />
              </div>
              <div className={sheds === '' ? 'small muted' : 'small tone-bad'}>
                {sheds === '' ? 'serves all priorities' : `sends away ${sheds}`}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
