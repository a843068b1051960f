import { parentPort, workerData } from 'node:worker_threads';
import type { FromThread, SnapshotData, ThreadStart, ToThread } from './protocol.ts';

// For tests: a data thread without sockets. Ids of listeners tell what it does, "2" being the number of a thread:
// "refuses-2" cannot be applied, "dies-2" ends it when applied, "never-starts-2" also at the start, "hangs-2" is not
// answered, "busy-2" never drains, "mute-2" does not say that it is there. It tells in the log what it was told.

const port = parentPort;
if (port === null) throw new Error('stub-thread.ts is the entry of a worker thread');
const { thread, snapshot: first }: ThreadStart = workerData;
let current = first;

const tell = (message: FromThread): void => port.postMessage(message, []);
const does = (what: string, { listeners }: SnapshotData): boolean =>
  listeners.some(({ id }) => id === `${what}-${thread}`);
const portsOf = ({ listeners }: SnapshotData): number[] =>
  listeners.map(({ address }) => (address.port === 0 ? 40_000 + thread : address.port));

port.on('message', (message: ToThread) => {
  if (message.kind !== 'ping')
    tell({ kind: 'log', entry: { level: 'debug', message: message.kind, fields: { thread } } });
  if (message.kind === 'apply') apply(message.snapshot);
  if (message.kind === 'ping' && !does('mute', current)) tell({ kind: 'pong' });
  if (message.kind === 'reopenLogs') tell({ kind: 'logsReopened', isWhole: true });
  if (message.kind === 'close' && !does('busy', current)) tell({ kind: 'drained' });
});

if (does('never-starts', first)) process.exit(1);
tell({ kind: 'ready', revision: first.revision, ports: portsOf(first) });

function apply(snapshot: SnapshotData): void {
  const { revision } = snapshot;
  if (does('dies', snapshot) || does('never-starts', snapshot)) process.exit(1);
  if (does('hangs', snapshot)) return;
  if (does('refuses', snapshot)) {
    tell({ kind: 'applyFailed', revision, message: 'address already in use' });
    return;
  }
  current = snapshot;
  tell({ kind: 'applied', revision, ports: portsOf(snapshot) });
}
