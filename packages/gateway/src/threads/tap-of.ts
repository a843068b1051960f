import type { NewsStand } from '../core/desk.ts';
import { systemClock } from '../core/ports.ts';
import { Deadline } from '../core/timing-wheel.ts';
import { LiveTap } from '../observe/live-tap.ts';
import type { OutboxParts } from './outbox-of.ts';

/** Shows the requests of a data thread to who watches, as news say; the supervisor gets them as errands. */
export function tapOf(news: NewsStand, { desk, wheel }: Pick<OutboxParts, 'desk' | 'wheel'>): LiveTap {
  const due = new Deadline(() => void tap.flush());
  const tap = new LiveTap({
    clockOffsetMs: () => systemClock.epoch() - systemClock.now(),
    // If the supervisor is silent, nobody sees them: they are no record of anything.
    hand: async (batch) => {
      await desk.run('hand-tapped', batch).catch(() => null);
    },
    flushAfter: (ms) => wheel.set(due, ms),
  });
  tap.use(news.latest('tap', '')?.wishes ?? []);
  news.subscribe('tap', ({ wishes }) => tap.use(wishes));
  return tap;
}
