// The program of the thread that checks changes of the control plane; `Checker` of the control plane starts it.

import { parentPort, workerData } from 'node:worker_threads';
import { createLoader } from '@turnpike/config/load';
import { answerChecks, type CheckStart } from '@turnpike/control/check-thread';
import { pluginTrial } from '../gateway.ts';
import { routeIssues } from '../route-issues.ts';

if (parentPort === null) throw new Error('this is the program of a thread');

answerChecks({
  port: parentPort,
  start: workerData as CheckStart,
  load: createLoader({ tryPlugins: pluginTrial() }),
  check: routeIssues,
});
