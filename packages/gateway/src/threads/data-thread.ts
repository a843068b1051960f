import { parentPort, workerData } from 'node:worker_threads';
import { surviveStrayFaults } from '../plugins/stray-faults.ts';
import { logThrough } from '../observe/process-log.ts';
import { DataPlane } from './data-plane.ts';
import { DeskLine } from './desk-line.ts';
import type { FromThread, ThreadStart, ToThread } from './protocol.ts';

// The entry of a data thread: everything is in DataPlane; here it only meets the supervisor.

const port = parentPort;
if (port === null) throw new Error('data-thread.ts is the entry of a worker thread');

const tell = (message: FromThread): void => port.postMessage(message);
const start: ThreadStart = workerData;
const log = logThrough((entry) => tell({ kind: 'log', entry }), start.logLevels);
const desk = new DeskLine((number, errand) => tell({ kind: 'errand', number, errand }));
const plane = new DataPlane(start, log, desk);

port.on('message', (message: ToThread) => {
  handle(message).catch((error: unknown) =>
    log.error('a message of the supervisor failed', { error, kind: message.kind }),
  );
});

if (start.snapshot.plugins.length > 0) surviveStrayFaults(log);
const ports = await plane.open(start.snapshot);
tell({ kind: 'ready', revision: start.snapshot.revision, ports });

async function handle(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'apply':
      await apply(message.snapshot);
      break;
    case 'close':
      await plane.close(message.drainMs);
      tell({ kind: 'drained' });
      break;
    case 'reopenLogs':
      await reopenLogs();
      break;
    case 'logLevels':
      log.setLevels(message.levels);
      break;
    case 'ping':
      tell({ kind: 'pong' });
      break;
    case 'news':
      plane.hear(message.news);
      break;
    case 'answer':
      desk.hear(message.errand, message.outcome);
      break;
    default:
      message satisfies never;
  }
}

async function apply(snapshot: ThreadStart['snapshot']): Promise<void> {
  const { revision, plugins } = snapshot;
  if (plugins.length > 0) surviveStrayFaults(log);
  try {
    tell({ kind: 'applied', revision, ports: await plane.apply(snapshot) });
  } catch (error) {
    tell({ kind: 'applyFailed', revision, message: error instanceof Error ? error.message : String(error) });
  }
}

async function reopenLogs(): Promise<void> {
  try {
    await plane.reopenLogs();
    tell({ kind: 'logsReopened', isWhole: true });
  } catch (error) {
    log.error('a log file cannot be opened anew; the old one is written to', { error });
    tell({ kind: 'logsReopened', isWhole: false });
  }
}
