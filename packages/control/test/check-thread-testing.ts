// The program of a checking thread for tests. What `start.url` says beside the database: `dies` and `sleeps` are threads that are no good.
import { parentPort, workerData } from 'node:worker_threads';
import { createLoader } from '@turnpike/config/load';
import { answerChecks, type CheckStart } from '../src/check-thread.ts';

const start = workerData as CheckStart;

if (parentPort === null) throw new Error('this is the program of a thread');
if (start.url === 'dies') parentPort.once('message', () => process.exit(1));
else if (start.url === 'sleeps') parentPort.on('message', () => {});
else answerChecks({ port: parentPort, start, load: createLoader({ env: {} }), check: () => [] });
