import { useState } from 'react';
import { useMay } from '../../api/rights.ts';
import type { Fleet } from '../../api/rollouts.ts';
import type { Rollout } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Card, Empty } from '../../ui/layout.tsx';
import { OneRollout } from './one-rollout.tsx';
import { StartRollout } from './start-rollout.tsx';

/** Changes on their way, and those that have been. */
export function Rollouts({
  items,
  nodes,
}: {
  readonly items: readonly Rollout[];
  readonly nodes: Fleet['nodes'];
}) {
  const [isStarting, setStarting] = useState(false);
  const maySteer = useMay()('admin');
  const isBusy = items.some(({ state }) => state === 'running' || state === 'paused');
  return (
    <Card
      title="Roll-outs"
      isPadded={false}
      aside={
        maySteer && (
          <Button size="small" icon="plus" disabled={isBusy} onClick={() => setStarting(true)}>
            New roll-out
          </Button>
        )
      }
    >
      {items.length === 0 && (
        <Empty icon="fleet" title="None so far">
          A change can go to a few gateways first. They are watched, and if they do worse than the others it
          is rolled back by itself.
        </Empty>
      )}
      <ul>
        {items.map((rollout) => (
          <OneRollout key={rollout.id} rollout={rollout} nodes={nodes} maySteer={maySteer} />
        ))}
      </ul>
      {isStarting && <StartRollout nodes={nodes} onClose={() => setStarting(false)} />}
    </Card>
  );
}
