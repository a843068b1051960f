// A data thread for outlier-watch.test.ts, before ten endpoints of which every one fails.
import { workerData } from 'node:worker_threads';
import { random } from '../../core/random.ts';
import { EndpointStates } from '../balance/endpoint-states.ts';
import { membersOf, NOW, RULES } from './health-testing.ts';
import { outlierWatch } from './outlier-watch.ts';

export interface FailingOrders {
  readonly buffer: SharedArrayBuffer;
  readonly thread: number;
  readonly failures: number;
}

const { buffer, thread, failures }: FailingOrders = workerData;
const states = new EndpointStates(buffer, thread);
const chance = random(thread);
const plan = { rules: RULES, probeMs: 1000, members: membersOf(10) };
const watch = outlierWatch(plan, { memory: states, random: chance, wheel: { nowMs: NOW } });
for (let i = 0; i < failures; i++) {
  const slot = chance.below(10);
  watch.failed(slot, watch.began(slot), 'connect');
}
